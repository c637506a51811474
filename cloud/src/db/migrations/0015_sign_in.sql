-- Ways to sign in beside the password, from where it was done, and what works once.

alter table users add column signed_in_at timestamptz;
comment on column users.signed_in_at is 'When last; null: never.';

alter table sessions add column method text not null default 'password' check (method in ('password', 'passkey', 'sign_on'));
alter table sessions add column second_factor text check (second_factor in ('totp', 'recovery', 'passkey'));
alter table sessions add column address text check (length(address) <= 64);
alter table sessions add column user_agent text check (length(user_agent) <= 400);
alter table sessions add column device_hash text check (device_hash ~ '^[0-9a-f]{64}$');
comment on column sessions.device_hash is 'Of the browser''s own cookie: tells whether this person signed in from it before.';
create index sessions_place on sessions (user_id, created_at desc);

alter table access_keys drop column scope;
alter table access_keys add column scopes text[] not null default '{feed:read}' check (cardinality(scopes) between 1 and 60);
comment on column access_keys.scopes is 'Operations it was made for. What it may is never more than what its owner may at that moment.';

-- A mailed link, a challenge, a sign-in that waits for its second factor: found by the hash of what only the other side has.
create table one_time_tokens (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  school_id uuid,
  user_id uuid references users (id) on delete cascade,
  purpose text not null check (purpose in ('second_factor', 'password_reset', 'passkey_new', 'passkey_sign_in', 'sign_on', 'setup')),
  facts json not null,
  tries_left integer not null default 1 check (tries_left between 0 and 10),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (school_id, user_id) references users (school_id, id)
);
create index one_time_tokens_expiry on one_time_tokens (expires_at);
create index one_time_tokens_user on one_time_tokens (user_id, purpose);

create table totp_factors (
  user_id uuid primary key references users (id) on delete cascade,
  school_id uuid,
  sealed_secret text not null,
  last_step bigint not null default 0 check (last_step >= 0),
  created_at timestamptz not null,
  confirmed_at timestamptz,
  foreign key (school_id, user_id) references users (school_id, id)
);
comment on column totp_factors.last_step is 'Of the last code that was taken: no code serves twice, and none before it.';
comment on column totp_factors.confirmed_at is 'Null until the first code: a secret that no application has is no factor.';

create table recovery_codes (
  user_id uuid not null references users (id) on delete cascade,
  school_id uuid,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  used_at timestamptz,
  primary key (user_id, hash),
  foreign key (school_id, user_id) references users (school_id, id)
);
comment on column recovery_codes.hash is 'Keyed: a code is short enough to be guessed from a plain hash.';

create table passkeys (
  credential_id text primary key check (length(credential_id) <= 1400 and credential_id ~ '^[A-Za-z0-9_-]+$'),
  id uuid not null unique,
  school_id uuid,
  user_id uuid not null references users (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  public_key bytea not null,
  counter bigint not null check (counter >= 0),
  transports text[] not null,
  backed_up boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  foreign key (school_id, user_id) references users (school_id, id)
);
create index passkeys_user on passkeys (user_id);

create table sign_in_rules (
  school_id uuid primary key references schools (id),
  version integer not null default 1,
  second_factor_for text[] not null default '{}',
  sign_on json,
  sealed_client_secret text,
  check (sign_on is null or sealed_client_secret is not null)
);
comment on column sign_in_rules.sign_on is 'The school''s OpenID Connect issuer and what its claims mean here. Null: there is none.';

create table sign_on_subjects (
  school_id uuid not null references schools (id),
  issuer text not null check (length(issuer) <= 500),
  subject text not null check (length(subject) between 1 and 255),
  user_id uuid not null,
  created_at timestamptz not null,
  primary key (school_id, issuer, subject),
  foreign key (school_id, user_id) references users (school_id, id)
);
comment on table sign_on_subjects is 'Whom an issuer means. An e-mail address can be given to the next person there; a subject cannot.';
create unique index sign_on_subjects_user on sign_on_subjects (school_id, issuer, user_id);

do $$
declare name text;
begin
  foreach name in array array['sign_in_rules', 'sign_on_subjects']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;

  foreach name in array array['one_time_tokens', 'totp_factors', 'recovery_codes', 'passkeys']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school() or (school_id is null and current_school() is null)) with check (school_id = current_school() or (school_id is null and current_school() is null))', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;

create policy finds_token on one_time_tokens for select to gatehouse_definer using (true);
create policy finds_factor on totp_factors for select to gatehouse_definer using (true);
create policy finds_passkey on passkeys for select to gatehouse_definer using (true);
create policy finds_rules on sign_in_rules for select to gatehouse_definer using (true);
grant select on one_time_tokens, totp_factors, passkeys, sign_in_rules to gatehouse_definer;

drop function find_logins(text);
create function find_logins(wanted text)
  returns table (user_id uuid, school_id uuid, password_hash text, active boolean, role text, email text, display_name text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id, users.school_id, users.password_hash, users.active, users.role, users.email, users.display_name
    from users where lower(users.email) = lower(wanted) order by id limit 5 $$;

-- Whether this person signed in from there before: then somebody who guesses elsewhere does not keep them out.
create function knows_place(wanted text, from_address text, from_device text)
  returns text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select case when bool_or(sessions.device_hash = from_device) then 'device' when bool_or(sessions.address = from_address) then 'address' end
    from users join sessions on sessions.user_id = users.id where lower(users.email) = lower(wanted) $$;

drop function find_session(uuid);
create function find_session(wanted uuid)
  returns table (session_id uuid, user_id uuid, school_id uuid, role text, grants text[], active boolean, email text, display_name text,
    ended_at timestamptz, expires_at timestamptz, school_name text, tenant text, time_zone text, factor_missing boolean)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select sessions.id, users.id, users.school_id, users.role, users.grants, users.active, users.email, users.display_name,
      sessions.ended_at, sessions.expires_at, schools.name, schools.tenant, schools.time_zone,
      coalesce(users.role = any (sign_in_rules.second_factor_for), false) and sessions.method = 'password'
        and not exists (select from totp_factors where totp_factors.user_id = users.id and confirmed_at is not null)
        and not exists (select from passkeys where passkeys.user_id = users.id)
    from sessions join users on users.id = sessions.user_id left join schools on schools.id = users.school_id
      left join sign_in_rules on sign_in_rules.school_id = users.school_id
    where sessions.id = wanted $$;

drop function find_access_key(text);
create function find_access_key(wanted text)
  returns table (key_id uuid, user_id uuid, school_id uuid, role text, grants text[], active boolean, email text, display_name text,
    scopes text[], expires_at timestamptz, last_used_at timestamptz, school_name text, tenant text, time_zone text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select access_keys.id, users.id, users.school_id, users.role, users.grants, users.active, users.email, users.display_name,
      access_keys.scopes, access_keys.expires_at, access_keys.last_used_at, schools.name, schools.tenant, schools.time_zone
    from access_keys join users on users.id = access_keys.user_id left join schools on schools.id = users.school_id
    where access_keys.hash = wanted $$;

create function find_one_time_token(wanted text)
  returns table (school_id uuid, user_id uuid, purpose text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select one_time_tokens.school_id, one_time_tokens.user_id, one_time_tokens.purpose from one_time_tokens where hash = wanted $$;

create function find_passkey(wanted text)
  returns table (school_id uuid, user_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select passkeys.school_id, passkeys.user_id from passkeys where credential_id = wanted $$;

-- What the sign-in page offers before anybody is known: the schools' names, and nothing of how.
create function find_sign_ons()
  returns table (tenant text, name text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select schools.tenant, schools.name from schools join sign_in_rules on sign_in_rules.school_id = schools.id
    where sign_on is not null order by schools.name limit 100 $$;

grant create on schema public to gatehouse_definer;
do $$
declare made regprocedure;
begin
  foreach made in array array['find_logins(text)', 'knows_place(text, text, text)', 'find_session(uuid)', 'find_access_key(text)',
    'find_one_time_token(text)', 'find_passkey(text)', 'find_sign_ons()']::regprocedure[]
  loop
    execute format('revoke all on function %s from public', made);
    execute format('grant execute on function %s to gatehouse_app', made);
    execute format('alter function %s owner to gatehouse_definer', made);
  end loop;
end $$;
revoke create on schema public from gatehouse_definer;

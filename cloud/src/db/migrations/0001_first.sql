-- The house: schools, people, passes, gates, lists, events.
--
-- Written to the PostgreSQL 15 subset, so that PGlite and PostgreSQL run the same file.
-- Every table of a school's data has school_id, composite keys and FORCE row-level security. `app.school` is set per
-- transaction; after SET LOCAL it is '' and not null, hence nullif. Rows without a school (a super_admin and her
-- sessions) are seen only where no school is set.

do $$ begin
  if not exists (select from pg_roles where rolname = 'gatehouse_app') then create role gatehouse_app nologin; end if;
  if not exists (select from pg_roles where rolname = 'gatehouse_definer') then create role gatehouse_definer nologin; end if;
end $$;
grant gatehouse_definer to current_user;
grant usage on schema public to gatehouse_app, gatehouse_definer;

create extension if not exists pg_trgm;

create function current_school() returns uuid
  language sql stable parallel safe
  as $$ select nullif(current_setting('app.school', true), '')::uuid $$;

-- Schools and people ---------------------------------------------------------------------------------------------

create table schools (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  tenant text not null unique check (tenant ~ '^[a-z0-9-]{3,36}$'),
  time_zone text not null,
  pass_serial_last bigint not null default 0 check (pass_serial_last between 0 and 4294967295),
  created_at timestamptz not null default now()
);
comment on column schools.pass_serial_last is 'Serial of the last pass. Its row is locked from the issue to the commit, so no serial is committed after a list whose serialMax is as high.';

create table users (
  id uuid primary key,
  school_id uuid references schools (id),
  email text not null check (length(email) between 3 and 254),
  display_name text not null,
  role text not null check (role in ('super_admin', 'school_admin', 'staff', 'security', 'facilities', 'student')),
  password_hash text not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  unique (school_id, id),
  check ((role = 'super_admin') = (school_id is null))
);
create unique index users_email on users (school_id, lower(email)) nulls not distinct;
create index users_login on users (lower(email));

create table sessions (
  id uuid primary key,
  school_id uuid,
  user_id uuid not null references users (id) on delete cascade,
  remember boolean not null,
  created_at timestamptz not null,
  used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_why text,
  unique (school_id, id),
  foreign key (school_id, user_id) references users (school_id, id)
);
comment on table sessions is 'A family of refresh tokens: one sign-in of one person.';
create index sessions_user on sessions (user_id) where ended_at is null;

create table refresh_tokens (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  school_id uuid,
  session_id uuid not null references sessions (id) on delete cascade,
  created_at timestamptz not null,
  used_at timestamptz,
  foreign key (school_id, session_id) references sessions (school_id, id)
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table access_keys (
  id uuid primary key,
  school_id uuid,
  user_id uuid not null references users (id) on delete cascade,
  name text not null,
  scope text not null check (scope in ('feed:read')),
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  foreign key (school_id, user_id) references users (school_id, id)
);
create index access_keys_user on access_keys (user_id);

-- The keys that sign access tokens belong to the installation, not to a school. The private half is sealed.
create table session_keys (
  kid text primary key,
  public_jwk json not null,
  sealed_private text not null,
  created_at timestamptz not null default now()
);

-- The keys of a school: pass, list, ack, command. kid = <tenant>/<use>/<number>.
create table signing_keys (
  school_id uuid not null references schools (id),
  use text not null check (use in ('pass', 'list', 'ack', 'command')),
  number integer not null check (number between 0 and 255),
  kid text not null unique,
  public_jwk json not null,
  sealed_private text not null,
  created_at timestamptz not null default now(),
  primary key (school_id, use, number)
);

-- Gates ------------------------------------------------------------------------------------------------------------

create table scopes (
  school_id uuid not null references schools (id),
  scope text not null check (scope ~ '^[a-z0-9-]{1,36}$'),
  sealed_card_secret text not null,
  primary key (school_id, scope)
);
comment on table scopes is 'Gates that share one list. The card secret makes fingerprints and mints nothing.';

create table groups (
  school_id uuid not null references schools (id),
  number integer not null check (number between 0 and 30),
  name text not null,
  primary key (school_id, number)
);

create table gates (
  id uuid primary key,
  school_id uuid not null references schools (id),
  short_name text not null check (short_name ~ '^[a-z0-9][a-z0-9-]{0,30}$'),
  name text not null,
  scope text not null,
  public_jwk json,
  broker_secret_hash text,
  enrolled_at timestamptz,
  created_at timestamptz not null default now(),
  unique (school_id, id),
  unique (school_id, short_name),
  foreign key (school_id, scope) references scopes (school_id, scope)
);
comment on column gates.broker_secret_hash is 'SHA-256 of 32 random bytes: there is nothing to guess that a slow hash would slow down.';

create table access_points (
  id uuid primary key,
  school_id uuid not null,
  gate_id uuid not null,
  lane text not null check (lane ~ '^[a-z0-9][a-z0-9-]{0,30}$'),
  name text not null,
  direction text not null check (direction in ('in', 'out')),
  position integer not null,
  unique (school_id, id),
  unique (gate_id, lane),
  foreign key (school_id, gate_id) references gates (school_id, id)
);

create table access_point_groups (
  school_id uuid not null,
  access_point_id uuid not null,
  group_number integer not null,
  primary key (school_id, access_point_id, group_number),
  foreign key (school_id, access_point_id) references access_points (school_id, id),
  foreign key (school_id, group_number) references groups (school_id, number)
);

create table enrolment_codes (
  id uuid primary key,
  school_id uuid not null,
  gate_id uuid not null,
  selector text not null check (length(selector) = 4),
  secret_hash text not null check (secret_hash ~ '^[0-9a-f]{64}$'),
  tries_left integer not null default 5 check (tries_left >= 0),
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (school_id, gate_id) references gates (school_id, id)
);
comment on column enrolment_codes.selector is 'The first four characters. They find the code, so that a wrong guess at the other eight can be counted.';
create unique index enrolment_codes_selector on enrolment_codes (selector) where used_at is null;
create index enrolment_codes_gate on enrolment_codes (school_id, gate_id);

-- What a gate last said of itself: a restart shows it before the gate speaks again.
create table gate_states (
  gate_id uuid primary key,
  school_id uuid not null,
  online boolean not null default false,
  since timestamptz,
  state json,
  last_event_at timestamptz,
  foreign key (school_id, gate_id) references gates (school_id, id)
);

create table list_versions (
  school_id uuid not null,
  scope text not null,
  version integer not null check (version >= 1),
  issued_at timestamptz not null,
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  snapshot_sha256 text not null check (snapshot_sha256 ~ '^[0-9a-f]{64}$'),
  snapshot_jws text not null,
  head_jws text not null,
  primary key (school_id, scope, version),
  foreign key (school_id, scope) references scopes (school_id, scope)
);
comment on column list_versions.content_hash is 'Of what the list says without version and date: a version is made only when it differs.';
create index list_versions_file on list_versions (school_id, scope, snapshot_sha256);

-- Students and passes ------------------------------------------------------------------------------------------------

create table students (
  id uuid primary key,
  school_id uuid not null references schools (id),
  user_id uuid,
  student_number text not null check (length(student_number) between 1 and 50),
  first_name text not null,
  last_name text not null,
  email text,
  department text,
  status text not null check (status in ('active', 'inactive', 'graduated', 'suspended')),
  search_text text not null,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (school_id, id),
  foreign key (school_id, user_id) references users (school_id, id)
);
comment on column students.search_text is 'Names, number and e-mail folded for search: no case, no accents.';
create unique index students_number on students (school_id, student_number) where archived_at is null;
create unique index students_email on students (school_id, lower(email)) where archived_at is null and email is not null;
create index students_living on students (school_id, id) where archived_at is null;
create index students_status on students (school_id, status) where archived_at is null;
create index students_search on students using gin (search_text gin_trgm_ops);

create table passes (
  pass_id text not null check (pass_id ~ '^[0-9a-f]{16}$'),
  school_id uuid not null references schools (id),
  student_id uuid not null,
  serial bigint not null check (serial between 1 and 4294967295),
  status text not null check (status in ('active', 'suspended', 'revoked', 'lost')),
  suspended_with_student boolean not null default false,
  class text not null check (class in ('student', 'staff', 'contractor', 'visitor', 'vehicle')),
  not_before timestamptz not null,
  expires timestamptz not null,
  groups integer not null check (groups > 0),
  profile integer not null default 0 check (profile between 0 and 255),
  generation integer not null default 0 check (generation between 0 and 65535),
  min_generation integer not null default 0 check (min_generation between 0 and 65535),
  revoked_at timestamptz,
  revoked_by uuid,
  note text,
  created_at timestamptz not null,
  primary key (school_id, pass_id),
  unique (school_id, serial),
  check (expires > not_before),
  check ((status = 'revoked') = (revoked_at is not null)),
  foreign key (school_id, student_id) references students (school_id, id),
  foreign key (school_id, revoked_by) references users (school_id, id)
);
comment on column passes.groups is 'Bit i = gate group i, 0..30.';
create index passes_holder on passes (school_id, student_id);
create index passes_status on passes (school_id, status, expires);
create index passes_active on passes (student_id) where status = 'active';

create table credentials (
  id uuid primary key,
  school_id uuid not null,
  pass_id text not null,
  technology text not null check (technology in ('em4100', 'iso14443a', 'iso15693', 'h10301', 'raw', 'pin', 'plate')),
  bit_count integer not null check (bit_count between 1 and 65535),
  sealed_bits text not null,
  blind_index text not null check (blind_index ~ '^[0-9a-f]{64}$'),
  ending text not null check (length(ending) <= 4),
  created_at timestamptz not null,
  unique (school_id, id),
  unique (school_id, blind_index),
  foreign key (school_id, pass_id) references passes (school_id, pass_id)
);
create index credentials_pass on credentials (school_id, pass_id);

-- Events -------------------------------------------------------------------------------------------------------------

-- No foreign keys: an event is evidence and outlives what it names. A unique key of a partitioned table must hold the
-- partition's column, so this key cannot see a fork by itself: gate_chains decides, locked by each batch.
create table access_events (
  school_id uuid not null,
  gate_id uuid not null,
  sequence bigint not null,
  event_time timestamptz not null,
  received_at timestamptz not null default now(),
  kind text not null,
  lane text,
  pass_id text,
  student_id uuid,
  technology text,
  proof text,
  ground text,
  refusal text,
  objection text,
  list_version integer not null,
  previous_hash text not null,
  hash text not null,
  record json not null,
  primary key (gate_id, sequence, event_time)
) partition by range (event_time);
comment on column access_events.student_id is 'The holder, where the credential was proven.';
comment on column access_events.record is 'The record in its canonical form, as it was hashed. json, not jsonb: the text is kept as it is.';
create table access_events_default partition of access_events default;
create index access_events_time on access_events using brin (event_time);
create index access_events_gate on access_events (gate_id, event_time desc);
create index access_events_holder on access_events (student_id, event_time desc);
create index access_events_newest on access_events (school_id, event_time desc, gate_id, sequence desc);

create table gate_chains (
  gate_id uuid primary key,
  school_id uuid not null,
  sequence bigint not null default 0,
  hash text not null default '0000000000000000000000000000000000000000000000000000000000000000' check (hash ~ '^[0-9a-f]{64}$'),
  updated_at timestamptz not null default now(),
  foreign key (school_id, gate_id) references gates (school_id, id)
);
comment on table gate_chains is 'Highest sequence stored without a gap, and its hash. A row comes with its gate.';

create table event_dead_letters (
  id uuid primary key,
  school_id uuid not null,
  gate_id uuid not null,
  sequence bigint,
  reason text not null check (length(reason) <= 100),
  detail text check (length(detail) <= 1000),
  raw text not null check (length(raw) <= 16384),
  received_at timestamptz not null default now()
);
create index event_dead_letters_gate on event_dead_letters (school_id, gate_id, received_at desc);

-- What leaves a transaction ------------------------------------------------------------------------------------------

create table outbox (
  id bigint generated always as identity primary key,
  school_id uuid,
  kind text not null check (length(kind) <= 40),
  body json not null,
  created_at timestamptz not null default now(),
  claimed_until timestamptz
);

create function outbox_notify() returns trigger language plpgsql as $$
begin
  perform pg_notify('gatehouse_outbox', '');
  return null;
end $$;
create trigger outbox_written after insert on outbox for each statement execute function outbox_notify();

-- Row-level security -------------------------------------------------------------------------------------------------

alter table schools enable row level security;
alter table schools force row level security;
create policy own_school on schools to gatehouse_app using (id = current_school()) with check (id = current_school());

do $$
declare name text;
begin
  foreach name in array array['signing_keys', 'scopes', 'groups', 'gates', 'access_points', 'access_point_groups',
    'enrolment_codes', 'gate_states', 'list_versions', 'students', 'passes', 'credentials', 'access_events',
    'gate_chains', 'event_dead_letters']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;

  foreach name in array array['users', 'sessions', 'refresh_tokens', 'access_keys', 'outbox']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school() or (school_id is null and current_school() is null)) with check (school_id = current_school() or (school_id is null and current_school() is null))', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;
grant select, insert, update on schools to gatehouse_app;
grant select, insert on session_keys to gatehouse_app;
-- Evidence is added, never changed.
revoke update, delete on access_events from gatehouse_app;

-- What must cross schools: a listed set of functions, each of which answers one question -----------------------------

create policy finds_login on users for select to gatehouse_definer using (true);
create policy finds_school on schools for select to gatehouse_definer using (true);
create policy finds_session on sessions for select to gatehouse_definer using (true);
create policy finds_refresh on refresh_tokens for select to gatehouse_definer using (true);
create policy finds_key on access_keys for select to gatehouse_definer using (true);
create policy finds_gate on gates for select to gatehouse_definer using (true);
create policy finds_code on enrolment_codes for select to gatehouse_definer using (true);
create policy drains on outbox to gatehouse_definer using (true) with check (true);
create policy searches on students for select to gatehouse_definer using (school_id = current_school());
grant select on users, schools, sessions, refresh_tokens, access_keys, gates, enrolment_codes, students to gatehouse_definer;
grant select, update, delete on outbox to gatehouse_definer;

create function find_logins(wanted text)
  returns table (user_id uuid, school_id uuid, password_hash text, active boolean)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id, users.school_id, users.password_hash, users.active from users where lower(email) = lower(wanted) order by id limit 5 $$;

create function find_schools()
  returns table (id uuid, name text, tenant text, time_zone text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select schools.id, schools.name, schools.tenant, schools.time_zone from schools order by schools.created_at, schools.id $$;

-- Who this session is now: everything a request asks before it does anything.
create function find_session(wanted uuid)
  returns table (session_id uuid, user_id uuid, school_id uuid, role text, active boolean, email text, display_name text,
    ended_at timestamptz, expires_at timestamptz, school_name text, tenant text, time_zone text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select sessions.id, users.id, users.school_id, users.role, users.active, users.email, users.display_name,
      sessions.ended_at, sessions.expires_at, schools.name, schools.tenant, schools.time_zone
    from sessions join users on users.id = sessions.user_id left join schools on schools.id = users.school_id
    where sessions.id = wanted $$;

create function find_refresh(wanted text)
  returns table (session_id uuid, school_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select refresh_tokens.session_id, refresh_tokens.school_id from refresh_tokens where hash = wanted $$;

create function find_access_key(wanted text)
  returns table (key_id uuid, user_id uuid, school_id uuid, role text, active boolean, scope text, expires_at timestamptz, tenant text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select access_keys.id, users.id, users.school_id, users.role, users.active, access_keys.scope, access_keys.expires_at, schools.tenant
    from access_keys join users on users.id = access_keys.user_id left join schools on schools.id = users.school_id
    where access_keys.hash = wanted $$;

create function find_gate(wanted uuid)
  returns table (gate_id uuid, school_id uuid, tenant text, scope text, short_name text, name text, time_zone text,
    public_jwk json, broker_secret_hash text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select gates.id, gates.school_id, schools.tenant, gates.scope, gates.short_name, gates.name, schools.time_zone,
      gates.public_jwk, gates.broker_secret_hash
    from gates join schools on schools.id = gates.school_id where gates.id = wanted $$;

create function find_enrolment_code(wanted text)
  returns table (code_id uuid, school_id uuid, gate_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id, enrolment_codes.school_id, enrolment_codes.gate_id from enrolment_codes
    where selector = wanted order by created_at desc limit 1 $$;

-- Under a policy only leakproof operators use an index, and LIKE is none: 1 M rows 4 ms -> 530 ms. So this one filters
-- by the school itself and returns ids only. Every word must be found; words come escaped for LIKE.
create function search_students(words text[])
  returns table (id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select students.id from students where school_id = current_school()
    and search_text like all (select '%' || word || '%' from unnest(words) as word) $$;

-- Rows are leased, not locked: what is done with them may itself need the one connection an embedded database has.
create function outbox_claim(kinds text[], how_many integer, lease interval)
  returns table (id bigint, school_id uuid, kind text, body json)
  language sql volatile security definer set search_path = public, pg_temp
  as $$ update outbox set claimed_until = now() + lease where outbox.id in (
      select outbox.id from outbox where outbox.kind = any (kinds) and (claimed_until is null or claimed_until < now())
      order by outbox.id limit how_many for update skip locked)
    returning outbox.id, outbox.school_id, outbox.kind, outbox.body $$;

create function outbox_done(ids bigint[])
  returns void
  language sql volatile security definer set search_path = public, pg_temp
  as $$ delete from outbox where id = any (ids) $$;

grant create on schema public to gatehouse_definer;
do $$
declare made regprocedure;
begin
  for made in select oid::regprocedure from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
  loop
    execute format('revoke all on function %s from public', made);
    execute format('grant execute on function %s to gatehouse_app', made);
    execute format('alter function %s owner to gatehouse_definer', made);
  end loop;
end $$;
revoke create on schema public from gatehouse_definer;

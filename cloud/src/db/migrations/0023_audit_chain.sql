-- The audit log as a chain, how long what is kept, answers that are given twice, and people who asked to be forgotten.

alter table audit_log
  add column student_ids uuid[] check (cardinality(student_ids) <= 100),
  add column number bigint,
  add column previous_hash text check (previous_hash ~ '^[0-9a-f]{64}$'),
  add column hash text check (hash ~ '^[0-9a-f]{64}$'),
  add constraint audit_log_sealed check ((number is null) = (hash is null) and (number is null) = (previous_hash is null));
comment on column audit_log.student_ids is 'Of a list: whose rows it showed.';
comment on column audit_log.number is 'Place in the chain of the school, from 1, given within a second after the commit; null until then.';
comment on column audit_log.hash is 'SHA-256 over the hash before it and what of the row can never change (audit/proof.ts).';
comment on column audit_log.content_hash is 'SHA-256 of the salt and of what may be erased (name, address, before, after, note): a chain over the hashes holds when a person is erased.';
create unique index audit_log_number on audit_log (school_id, number) nulls not distinct where number is not null;
create index audit_log_unsealed on audit_log (school_id, at, id) where number is null;
create index audit_log_session on audit_log (session_id, at desc) where session_id is not null;
create index audit_log_shown on audit_log using gin (student_ids) where student_ids is not null;

create table audit_chains (
  school_id uuid unique nulls not distinct references schools (id),
  number bigint not null check (number >= 1),
  hash text not null check (hash ~ '^[0-9a-f]{64}$')
);
comment on table audit_chains is 'The last row of each chain. Whoever seals holds this row: a chain has one end.';

create table audit_checkpoints (
  school_id uuid references schools (id),
  number bigint not null check (number >= 1),
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  rows_gone bigint not null check (rows_gone >= 1),
  made_at timestamptz not null default now(),
  unique nulls not distinct (school_id, number)
);
comment on table audit_checkpoints is 'Where retention cut the beginning of a chain: the number and hash of the last row that went.';

create table retention (
  school_id uuid primary key references schools (id),
  version integer not null default 1 check (version >= 1),
  days json not null,
  changed_at timestamptz not null
);
comment on column retention.days is 'Days by kind, where they are not the service''s own.';

create table answers_given (
  school_id uuid,
  user_id uuid not null,
  key text not null check (length(key) <= 200),
  request_hash text not null check (request_hash ~ '^[0-9a-f]{64}$'),
  begun_at timestamptz not null,
  committed boolean not null default false,
  status integer,
  body text check (length(body) <= 262144),
  unique nulls not distinct (school_id, user_id, key)
);
comment on table answers_given is 'Idempotency-Key: what was answered, for 24 hours. No answer with a secret in it is kept.';
comment on column answers_given.committed is 'Set in the transaction of what was asked for: it was done, whether or not the answer is here.';
create index answers_given_age on answers_given (begun_at);

create table erased_numbers (
  school_id uuid not null references schools (id),
  number_index text not null check (number_index ~ '^[0-9a-f]{64}$'),
  student_id uuid not null,
  erased_at timestamptz not null,
  primary key (school_id, number_index),
  foreign key (school_id, student_id) references students (school_id, id)
);
comment on table erased_numbers is 'Blind index of the student numbers of people who were erased: an import does not bring them back without a word.';

do $$
declare name text;
begin
  foreach name in array array['audit_chains', 'audit_checkpoints', 'answers_given', 'retention', 'erased_numbers']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school() or (school_id is null and current_school() is null)) with check (school_id = current_school() or (school_id is null and current_school() is null))', name);
  end loop;
end $$;
grant select on audit_chains, audit_checkpoints to gatehouse_app;
grant select, insert, update on retention to gatehouse_app;
grant select, insert, update, delete on answers_given to gatehouse_app;
grant select, insert, update on erased_numbers to gatehouse_app;

-- Against hands, not against the owner: who turns it off is found by the chain.
create function audit_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if current_setting('app.audit_retention', true) = 'on' then return old; end if;
    raise exception 'rows of the audit log are not deleted';
  end if;
  if (new.id, new.at, new.by_kind, new.action, new.content_hash) is distinct from (old.id, old.at, old.by_kind, old.action, old.content_hash)
    or (new.school_id, new.by_id, new.by_role, new.session_id, new.request_id) is distinct from (old.school_id, old.by_id, old.by_role, old.session_id, old.request_id)
    or (new.subject_kind, new.subject_id, new.student_id, new.student_ids) is distinct from (old.subject_kind, old.subject_id, old.student_id, old.student_ids)
    or (old.number is not null and (new.number, new.previous_hash, new.hash) is distinct from (old.number, old.previous_hash, old.hash))
  then raise exception 'rows of the audit log are not changed'; end if;
  if (new.by_name, new.address, new.before::text, new.after::text, new.note, new.salt) is distinct from (old.by_name, old.address, old.before::text, old.after::text, old.note, old.salt)
    and not (new.by_name is null and new.address is null and new.before is null and new.after is null and new.note is null and new.salt is null)
  then raise exception 'what a row of the audit log tells is erased whole, or not at all'; end if;
  return new;
end $$;
create trigger audit_guard before update or delete on audit_log for each row execute function audit_guard();

create function audit_seal(how_many integer) returns integer
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
declare
  chain record;
  entry record;
  last_number bigint;
  last_hash text;
  sealed integer := 0;
begin
  for chain in select distinct audit_log.school_id from audit_log where audit_log.number is null order by 1 limit 100 loop
    perform pg_advisory_xact_lock(hashtextextended('audit ' || coalesce(chain.school_id::text, ''), 0));
    select audit_chains.number, audit_chains.hash into last_number, last_hash
      from audit_chains where audit_chains.school_id is not distinct from chain.school_id for update;
    if not found then last_number := 0; last_hash := repeat('0', 64); end if;
    for entry in select * from audit_log where audit_log.number is null and audit_log.school_id is not distinct from chain.school_id
      order by audit_log.at, audit_log.id limit how_many
    loop
      last_number := last_number + 1;
      update audit_log set number = last_number, previous_hash = last_hash,
        hash = encode(sha256(convert_to(concat_ws(E'\n', 'gatehouse-audit-1', last_hash, last_number::text, entry.id::text,
          coalesce(entry.school_id::text, '-'), to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), entry.by_kind,
          coalesce(entry.by_id::text, '-'), coalesce(to_json(entry.by_role)::text, '-'), coalesce(entry.session_id::text, '-'),
          coalesce(to_json(entry.request_id)::text, '-'), entry.action, coalesce(to_json(entry.subject_kind)::text, '-'),
          coalesce(to_json(entry.subject_id)::text, '-'), coalesce(entry.student_id::text, '-'),
          coalesce(array_to_string(entry.student_ids, ' '), '-'), entry.content_hash), 'UTF8')), 'hex')
        where audit_log.id = entry.id returning audit_log.hash into last_hash;
      sealed := sealed + 1;
    end loop;
    insert into audit_chains (school_id, number, hash) select chain.school_id, last_number, last_hash where last_number > 0
      on conflict (school_id) do update set number = excluded.number, hash = excluded.hash;
  end loop;
  return sealed;
end $$;
comment on function audit_seal is 'Gives the rows that were committed since their places in the chains. A row that commits later comes later: the order is that of being seen.';

create function audit_forget(until timestamptz, how_many integer) returns bigint
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
declare
  young bigint;
  last record;
  gone bigint;
begin
  -- Who proves the chain at this moment is waited for.
  perform pg_advisory_xact_lock(hashtextextended('audit cut ' || coalesce(current_school()::text, ''), 0));
  perform pg_advisory_xact_lock(hashtextextended('audit ' || coalesce(current_school()::text, ''), 0));
  select min(number) into young from audit_log where school_id is not distinct from current_school() and number is not null and at >= until;
  select number, hash into last from audit_log where school_id is not distinct from current_school() and number is not null
    and (young is null or number < young)
    and number < (select number from audit_chains where school_id is not distinct from current_school())
    and number in (select number from audit_log where school_id is not distinct from current_school() and number is not null order by number limit how_many)
    order by number desc limit 1;
  if last.number is null then return 0; end if;
  perform set_config('app.audit_retention', 'on', true);
  delete from audit_log where school_id is not distinct from current_school() and number <= last.number;
  get diagnostics gone = row_count;
  perform set_config('app.audit_retention', 'off', true);
  insert into audit_checkpoints (school_id, number, hash, rows_gone) values (current_school(), last.number, last.hash, gone);
  return gone;
end $$;
comment on function audit_forget is 'Cuts the beginning of the entered school''s chain, rows from before a time only, and leaves a checkpoint. The last row stays.';

create function audit_thin(until timestamptz, how_many integer) returns bigint
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
declare thinned bigint;
begin
  update audit_log set by_name = null, address = null, before = null, after = null, note = null, salt = null
    where id in (select id from audit_log where school_id is not distinct from current_school() and action like 'session.%'
      and at < until and salt is not null order by at limit how_many);
  get diagnostics thinned = row_count;
  return thinned;
end $$;
comment on function audit_thin is 'Sign-ins from before a time, of the entered school: that they were stays in the chain, and no longer from where.';

create function audit_erase(person uuid, account uuid) returns bigint
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
declare erased bigint;
begin
  update audit_log set by_name = null, address = null, before = null, after = null, note = null, salt = null
    where school_id = current_school() and salt is not null
      and (student_id = person or (subject_kind = 'student' and subject_id = person::text)
        or (subject_kind = 'user' and subject_id = account::text) or (by_id = account and person is not null)
        or (student_ids @> array[person] and after::text like '%"search"%'));
  get diagnostics erased = row_count;
  return erased;
end $$;
comment on function audit_erase is 'What the entered school''s log tells of a person, and what a student told it; that something was done, and its place in the chain, stay. What staff did with data of others stays.';

create function events_unlink(person uuid) returns bigint
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
declare unlinked bigint;
begin
  update access_events set student_id = null where school_id = current_school() and student_id = person;
  get diagnostics unlinked = row_count;
  return unlinked;
end $$;

create function events_forget(until timestamptz, how_many integer) returns bigint
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
declare gone bigint;
begin
  delete from access_events where (gate_id, sequence, event_time) in (
    select gate_id, sequence, event_time from access_events where school_id = current_school() and event_time < until
      order by event_time limit how_many) and school_id = current_school();
  get diagnostics gone = row_count;
  return gone;
end $$;
comment on function events_forget is 'Events of the entered school from before a time. A month that no school keeps goes whole, as a partition.';

create policy seals on audit_log for all to gatehouse_definer using (true) with check (true);
create policy seals on audit_chains for all to gatehouse_definer using (true) with check (true);
create policy seals on audit_checkpoints for all to gatehouse_definer using (true) with check (true);
create policy forgets on access_events for all to gatehouse_definer using (school_id = current_school()) with check (school_id = current_school());
grant select, update, delete on audit_log to gatehouse_definer;
grant select, insert, update on audit_chains to gatehouse_definer;
grant select, insert on audit_checkpoints to gatehouse_definer;
grant select, update (student_id), delete on access_events to gatehouse_definer;

grant create on schema public to gatehouse_definer;
do $$
declare name text;
begin
  foreach name in array array['audit_seal(integer)', 'audit_forget(timestamptz, integer)', 'audit_thin(timestamptz, integer)',
    'audit_erase(uuid, uuid)', 'events_unlink(uuid)', 'events_forget(timestamptz, integer)']
  loop
    execute format('revoke all on function %s from public', name);
    execute format('grant execute on function %s to gatehouse_app', name);
    execute format('alter function %s owner to gatehouse_definer', name);
  end loop;
end $$;
revoke create on schema public from gatehouse_definer;

-- Who did what, to what, before and after, from where; and what a person was given beside the role.

alter table users add column grants text[] not null default '{}' check (grants <@ array['pii:read']);

create table audit_log (
  id uuid primary key,
  school_id uuid references schools (id),
  at timestamptz not null,
  by_kind text not null check (by_kind in ('user', 'key', 'scim', 'job', 'command', 'nobody')),
  by_id uuid,
  by_name text check (length(by_name) <= 300),
  by_role text,
  session_id uuid,
  address text check (length(address) <= 64),
  request_id text check (length(request_id) <= 64),
  action text not null check (action ~ '^[a-z_]{1,40}\.[a-z_]{1,40}$'),
  subject_kind text check (length(subject_kind) <= 40),
  subject_id text check (length(subject_id) <= 100),
  student_id uuid,
  before json,
  after json,
  note text check (length(note) <= 1000),
  salt text check (salt ~ '^[0-9a-f]{32}$'),
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$')
);
comment on table audit_log is 'Written in the transaction of what it tells. Rows without a school are the platform''s: a super_admin''s own sign-in.';
comment on column audit_log.student_id is 'Whose data it is about: a student sees who looked at theirs.';
comment on column audit_log.before is 'Only what changed. Encrypted fields are named, and their values masked.';
comment on column audit_log.content_hash is 'SHA-256 of the salt and of what may be erased (names, before, after, note): a chain over the hashes holds when a person is erased.';
create index audit_log_newest on audit_log (school_id, at desc, id desc);
create index audit_log_subject on audit_log (school_id, subject_kind, subject_id, at desc);
create index audit_log_student on audit_log (school_id, student_id, at desc) where student_id is not null;
create index audit_log_by on audit_log (school_id, by_id, at desc);

do $$
declare name text;
begin
  foreach name in array array['audit_log']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school() or (school_id is null and current_school() is null)) with check (school_id = current_school() or (school_id is null and current_school() is null))', name);
    execute format('grant select, insert on %I to gatehouse_app', name);
  end loop;
end $$;

drop function find_session(uuid);
create function find_session(wanted uuid)
  returns table (session_id uuid, user_id uuid, school_id uuid, role text, grants text[], active boolean, email text, display_name text,
    ended_at timestamptz, expires_at timestamptz, school_name text, tenant text, time_zone text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select sessions.id, users.id, users.school_id, users.role, users.grants, users.active, users.email, users.display_name,
      sessions.ended_at, sessions.expires_at, schools.name, schools.tenant, schools.time_zone
    from sessions join users on users.id = sessions.user_id left join schools on schools.id = users.school_id
    where sessions.id = wanted $$;
grant create on schema public to gatehouse_definer;
revoke all on function find_session(uuid) from public;
grant execute on function find_session(uuid) to gatehouse_app;
alter function find_session(uuid) owner to gatehouse_definer;
revoke create on schema public from gatehouse_definer;

-- Users and schools that change: versions, what was deleted, what a deactivated school's people get back.

alter table users
  add column version integer not null default 1,
  add column updated_at timestamptz not null default now(),
  add column deleted_at timestamptz,
  add column deactivated_with_school boolean not null default false;
comment on column users.deleted_at is 'Never active again, and its address is free: it stands for what the person did.';
comment on column users.deactivated_with_school is 'Was active when the school was deactivated, and is again when that ends.';
alter table schools add column deactivated_at timestamptz;

create index students_merged on students (school_id, merged_into) where merged_into is not null;

-- The list of schools is a super_admin's, and she is in none of them.
create function survey_schools()
  returns table (id uuid, name text, tenant text, time_zone text, country text, deactivated_at timestamptz, version integer,
    created_at timestamptz, updated_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select schools.id, schools.name, schools.tenant, schools.time_zone, schools.country, schools.deactivated_at, schools.version,
      schools.created_at, schools.updated_at from schools $$;

grant create on schema public to gatehouse_definer;
revoke all on function survey_schools() from public;
grant execute on function survey_schools() to gatehouse_app;
alter function survey_schools() owner to gatehouse_definer;
revoke create on schema public from gatehouse_definer;

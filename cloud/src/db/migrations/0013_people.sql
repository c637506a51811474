-- Students with everything a school keeps of them: departments as rows, personal fields sealed under a data key of the school.

alter table schools
  add column country text check (country ~ '^[A-Z]{2}$'),
  add column student_number_pattern text check (length(student_number_pattern) between 1 and 200),
  add column grace_days_inactive integer not null default 0 check (grace_days_inactive between 0 and 365),
  add column grace_days_graduated integer not null default 0 check (grace_days_graduated between 0 and 365),
  add column version integer not null default 1,
  add column updated_at timestamptz not null default now();
comment on column schools.country is 'ISO 3166-1 alpha-2: how a phone number without + is read. Null: it must begin with +.';
comment on column schools.student_number_pattern is 'Null: letters, digits and hyphens, 3 to 50.';
comment on column schools.grace_days_inactive is 'So many days after a student left the passes still open; 0: revoked at once.';

create table departments (
  id uuid not null,
  school_id uuid not null references schools (id),
  name text not null check (length(name) between 1 and 100),
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (school_id, id)
);
create unique index departments_name on departments (school_id, lower(name));

create table data_keys (
  school_id uuid not null references schools (id),
  number integer not null check (number >= 1),
  wrapped text,
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (school_id, number),
  check ((wrapped is null) = (retired_at is not null))
);
comment on table data_keys is 'What seals the personal fields of a school, itself sealed by the master key. The newest seals; older ones open until nothing is sealed with them.';
comment on column data_keys.wrapped is 'Null once retired: what was sealed with it in an old copy of a row cannot be opened any more.';

do $$
declare name text;
begin
  foreach name in array array['departments', 'data_keys']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update on %I to gatehouse_app', name);
  end loop;
end $$;
grant delete on departments to gatehouse_app;

alter table students
  add column department_id uuid,
  add column enrolled_on date,
  add column sealed_personal text,
  add column sealed_notes text,
  add column person_index text check (person_index ~ '^[0-9a-f]{64}$'),
  add column phone_index text check (phone_index ~ '^[0-9a-f]{64}$'),
  add column private_email_index text check (private_email_index ~ '^[0-9a-f]{64}$'),
  add column merged_into uuid,
  add column version integer not null default 1,
  add foreign key (school_id, department_id) references departments (school_id, id),
  add foreign key (school_id, merged_into) references students (school_id, id);
comment on column students.sealed_personal is 'JSON of birth date, phone, private e-mail and address, sealed in its row. Null: none of them is known.';
comment on column students.person_index is 'Keyed hash of folded name and birth date: two of one person are found by it.';
comment on column students.merged_into is 'Archived because it was the same person: this one has the passes now.';

-- The owner is held to the policies too; for one look at what is there they rest until the transaction ends.
alter table students no force row level security;
alter table departments no force row level security;
insert into departments (id, school_id, name, created_at, updated_at)
  select gen_random_uuid(), school_id, min(department), now(), now() from students where department is not null group by school_id, lower(department);
update students set department_id = departments.id from departments
  where departments.school_id = students.school_id and lower(departments.name) = lower(students.department);
update students set search_text = ' ' || search_text;
alter table students force row level security;
alter table departments force row level security;
alter table students drop column department;
comment on column students.search_text is 'Names, number and e-mail folded for search: no case, no accents, a blank before each word.';

create index students_name on students (school_id, lower(last_name), lower(first_name), id) where archived_at is null;
create index students_created on students (school_id, created_at, id) where archived_at is null;
create index students_department on students (school_id, department_id) where archived_at is null;
create index students_person on students (school_id, person_index) where person_index is not null;
create index students_phone on students (school_id, phone_index) where phone_index is not null;
create index students_private_email on students (school_id, private_email_index) where private_email_index is not null;

alter table passes add column revoke_at timestamptz;
comment on column passes.revoke_at is 'The student left or graduated, and keeps it until then: on the list it expires at this time, and then it is revoked.';
create index passes_revoke_at on passes (school_id, revoke_at) where revoke_at is not null;

-- A word of one or two Latin letters is the beginning of a word: three letters are what a trigram has. Planned with its words, so that the index is used.
create or replace function search_students(words text[])
  returns table (id uuid)
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
declare
  patterns text[] := array(select case when word ~ '^[a-z0-9@._-]{1,2}$' then '% ' else '%' end || word || '%' from unnest(words) as word);
  wanted text := 'select students.id from students where school_id = current_school()';
begin
  for at in 1 .. coalesce(array_length(patterns, 1), 0) loop
    wanted := wanted || format(' and search_text like $1[%s]', at);
  end loop;
  return query execute wanted using patterns;
end $$;

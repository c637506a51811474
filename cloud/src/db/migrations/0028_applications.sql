-- Applications for a pass: what a school asks, what was answered, what the checks found and what was decided.

alter table users drop constraint users_grants_check;
alter table users add constraint users_grants_check check (grants <@ array['pii:read', 'application:decide']);

create table application_forms (
  school_id uuid not null references schools (id),
  version integer not null check (version >= 1),
  content jsonb not null,
  made_by uuid,
  made_at timestamptz not null,
  primary key (school_id, version)
);
comment on table application_forms is 'Never changed: an application keeps the version that it was begun with.';

create table applications (
  id uuid primary key,
  school_id uuid not null references schools (id),
  student_id uuid not null,
  form_version integer not null,
  status text not null default 'draft' check (status in ('draft', 'submitted', 'under_review', 'requires_documents', 'approved', 'rejected', 'withdrawn')),
  answers jsonb not null default '{}',
  sealed_answers text,
  person_index text check (person_index ~ '^[0-9a-f]{64}$'),
  assigned_to uuid,
  begun_at timestamptz not null,
  submitted_at timestamptz,
  due_at timestamptz,
  reminded_at timestamptz,
  decided_at timestamptz,
  decided_by uuid,
  reason text check (length(reason) between 1 and 1000),
  pass_id text,
  version integer not null default 1 check (version >= 1),
  updated_at timestamptz not null,
  unique (school_id, id),
  foreign key (school_id, student_id) references students (school_id, id),
  foreign key (school_id, form_version) references application_forms (school_id, version),
  constraint applications_submitted check (status in ('draft', 'withdrawn') or submitted_at is not null),
  constraint applications_decided check ((status in ('approved', 'rejected')) = (decided_at is not null)),
  constraint applications_passed check ((status = 'approved') = (pass_id is not null))
);
comment on column applications.answers is 'By field of the form. What is personal is in sealed_answers.';
comment on column applications.person_index is 'Keyed hash of folded name and date of birth, as students have one.';
comment on column applications.due_at is 'Until when somebody is to act: a reviewer, or the applicant who was asked for documents.';
create unique index applications_one_open on applications (school_id, student_id) where status in ('draft', 'submitted', 'under_review', 'requires_documents');
create index applications_newest on applications (school_id, status, submitted_at desc);
create index applications_pending on applications (school_id, submitted_at) where status in ('submitted', 'under_review', 'requires_documents');
create index applications_student on applications (school_id, student_id);
create index applications_person on applications (school_id, person_index) where person_index is not null;

create table application_files (
  school_id uuid not null references schools (id),
  application_id uuid not null,
  field text not null check (length(field) <= 40),
  file_id uuid not null,
  primary key (school_id, application_id, field),
  foreign key (school_id, application_id) references applications (school_id, id) on delete cascade,
  foreign key (school_id, file_id) references files (school_id, id) on delete cascade
);
create index application_files_file on application_files (school_id, file_id);

create table application_checks (
  school_id uuid not null references schools (id),
  application_id uuid not null,
  kind text not null check (kind in ('roster', 'documents', 'eligibility', 'duplicates')),
  state text not null default 'waiting' check (state in ('waiting', 'clear', 'attention')),
  read jsonb not null default '[]',
  findings jsonb not null default '[]',
  asked_at timestamptz not null,
  done_at timestamptz,
  primary key (school_id, application_id, kind),
  foreign key (school_id, application_id) references applications (school_id, id) on delete cascade
);
comment on column application_checks.read is 'Names of the facts that were read, and nothing of what they said.';

create table application_entries (
  id uuid primary key,
  school_id uuid not null references schools (id),
  application_id uuid not null,
  at timestamptz not null,
  side text not null check (side in ('applicant', 'reviewer', 'system')),
  made_by uuid,
  kind text not null check (kind in ('event', 'comment')),
  event text check (event in ('submit', 'take', 'ask_documents', 'hand_in', 'approve', 'reject', 'withdraw', 'reopen', 'expire')),
  to_status text,
  internal boolean not null default false,
  text text check (length(text) between 1 and 4000),
  foreign key (school_id, application_id) references applications (school_id, id) on delete cascade,
  constraint application_entries_kind check ((kind = 'event') = (event is not null and to_status is not null)),
  constraint application_entries_comment check (kind = 'event' or text is not null)
);
comment on table application_entries is 'What happened to an application and what was said about it, oldest first.';
create index application_entries_of on application_entries (school_id, application_id, at, id);

do $$
declare name text;
begin
  foreach name in array array['application_forms', 'applications', 'application_files', 'application_checks', 'application_entries']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
  end loop;
end $$;
grant select, insert on application_forms to gatehouse_app;
grant select, insert, update, delete on applications, application_files, application_checks to gatehouse_app;
grant select, insert on application_entries to gatehouse_app;

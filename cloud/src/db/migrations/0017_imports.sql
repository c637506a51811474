-- Student lists from elsewhere: what was uploaded, what it would do, what it did, and what was there before.

create table import_sources (
  id uuid not null,
  school_id uuid not null references schools (id),
  name text not null check (length(name) between 1 and 100),
  oneroster text not null check (oneroster in ('1.1', '1.2')),
  base_url text not null check (length(base_url) <= 500),
  token_url text not null check (length(token_url) <= 500),
  client_id text not null check (length(client_id) <= 300),
  sealed_secret text not null,
  mapping json not null,
  stop json not null,
  cron text check (length(cron) <= 100),
  apply_alone boolean not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (school_id, id)
);
comment on table import_sources is 'OneRoster services that a school''s students are read from.';
comment on column import_sources.apply_alone is 'A dry run that no threshold stops is applied without anybody looking.';
create unique index import_sources_name on import_sources (school_id, lower(name));

create table imports (
  id uuid not null,
  school_id uuid not null references schools (id),
  source_id uuid,
  kind text not null check (kind in ('csv', 'oneroster_csv', 'oneroster_rest')),
  name text not null check (length(name) between 1 and 200),
  state text not null check (state in ('uploading', 'uploaded', 'planning', 'planned', 'applying', 'applied', 'undoing', 'undone', 'cancelled', 'failed')),
  bytes bigint not null default 0,
  written json,
  headings json not null default '[]',
  mapping json not null,
  stop json not null,
  plan json,
  held boolean not null default false,
  outcome json,
  undo json,
  problem text check (length(problem) <= 1000),
  failed_in text check (failed_in in ('planning', 'applying', 'undoing')),
  job_id uuid,
  done integer not null default 0,
  total integer,
  made_by uuid,
  made_by_name text check (length(made_by_name) <= 300),
  made_at timestamptz not null,
  planned_at timestamptz,
  applied_at timestamptz,
  undone_at timestamptz,
  version integer not null default 1,
  primary key (school_id, id),
  foreign key (school_id, source_id) references import_sources (school_id, id) on delete set null (source_id)
);
comment on column imports.written is 'How a file is packed, encoded and separated.';
comment on column imports.held is 'More students would be hurt than `stop` allows: it waits for a person who says their number.';
create index imports_newest on imports (school_id, made_at desc, id desc);
create index imports_source on imports (school_id, source_id);

create table import_chunks (
  school_id uuid not null,
  import_id uuid not null,
  number integer not null,
  sealed text not null,
  primary key (school_id, import_id, number),
  foreign key (school_id, import_id) references imports (school_id, id) on delete cascade
);
comment on table import_chunks is 'The uploaded file in pieces, sealed. It is here and not on a disk because whichever process plans must have it; deleted with the last use.';

create table import_rows (
  school_id uuid not null,
  import_id uuid not null,
  number integer not null,
  in_file boolean not null,
  student_number text,
  student_id uuid,
  sealed text,
  faults json,
  action text check (action in ('make', 'change', 'none', 'refuse', 'inactivate', 'archive')),
  fields text[] not null default '{}',
  status_from text,
  status_to text,
  department text,
  email text,
  status_word text,
  version_seen integer,
  version_after integer,
  sealed_before text,
  outcome text not null default 'planned' check (outcome in ('planned', 'done', 'passed_over')),
  undone text check (undone in ('restored', 'archived', 'kept')),
  primary key (school_id, import_id, number),
  foreign key (school_id, import_id) references imports (school_id, id) on delete cascade
);
comment on table import_rows is 'One row each of the file and of the students it does not name. Kept for as long as the import can be undone.';
comment on column import_rows.sealed is 'JSON of what the row says, sealed.';
comment on column import_rows.sealed_before is 'JSON of what was there before in the fields that were changed, sealed.';
create index import_rows_action on import_rows (school_id, import_id, action, number);
create index import_rows_number on import_rows (school_id, import_id, student_number);
create index import_rows_email on import_rows (school_id, import_id, email) where email is not null;
create index import_rows_student on import_rows (school_id, student_id);
create index import_rows_todo on import_rows (school_id, import_id, number) where outcome = 'planned' and action in ('make', 'change', 'inactivate', 'archive');

do $$
declare name text;
begin
  foreach name in array array['import_sources', 'imports', 'import_chunks', 'import_rows']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;

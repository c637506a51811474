-- Files that people hand in: what is known of each, how much a school keeps, and whose photo is which.

create table files (
  id uuid primary key,
  school_id uuid not null references schools (id),
  category text not null check (category in ('document', 'photo')),
  state text not null default 'waiting' check (state in ('waiting', 'ready', 'refused')),
  refusal text check (refusal in ('unreadable', 'encrypted', 'infected')),
  name text not null check (length(name) between 1 and 1000),
  media_type text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png', 'image/webp')),
  bytes integer not null check (bytes between 1 and 10485760),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_name text not null unique check (storage_name ~ '^[0-9a-f]{32}$'),
  sealed_key text,
  scan text not null default 'waiting' check (scan in ('waiting', 'clean', 'infected', 'none', 'missed')),
  photo_bytes integer check (photo_bytes > 0),
  thumbnail_bytes integer check (thumbnail_bytes > 0),
  owner_student_id uuid,
  owner_user_id uuid,
  uploaded_by uuid,
  uploaded_at timestamptz not null,
  settled_at timestamptz,
  removed_at timestamptz,
  bytes_gone_at timestamptz,
  unique (school_id, id),
  foreign key (school_id, owner_student_id) references students (school_id, id),
  constraint files_owned check (num_nonnulls(owner_student_id, owner_user_id) >= 1),
  constraint files_refused check ((state = 'refused') = (refusal is not null)),
  constraint files_settled check ((state = 'waiting') = (settled_at is null)),
  constraint files_openable check (sealed_key is not null or bytes_gone_at is not null)
);
comment on table files is 'Files that people handed in. The bytes are in the store under storage_name, encrypted.';
comment on column files.name is 'As the uploader called it, cleaned. Never the name of anything in the store.';
comment on column files.media_type is 'By the first bytes, not by what the uploader said.';
comment on column files.bytes is 'Of what was uploaded. Of a photo only the re-encoded one is kept.';
comment on column files.sealed_key is 'The file''s own key under the school''s data key. Without it nothing of the file can be read again.';
comment on column files.scan is 'none: no scanner is set up. missed: it was away, and the picture was re-encoded.';
create index files_kept on files (school_id, owner_student_id) include (bytes) where bytes_gone_at is null;
create index files_of_user on files (school_id, owner_user_id) include (bytes) where bytes_gone_at is null;
create index files_to_empty on files (school_id, id) where bytes_gone_at is null and (removed_at is not null or state = 'refused');

create table file_limits (
  school_id uuid primary key references schools (id),
  version integer not null default 1 check (version >= 1),
  school_bytes_max bigint not null check (school_bytes_max >= 0),
  owner_bytes_max bigint not null check (owner_bytes_max >= 0),
  changed_at timestamptz not null
);
comment on table file_limits is 'Where a school''s figures are not the service''s own.';

create table student_photos (
  school_id uuid not null references schools (id),
  student_id uuid not null,
  file_id uuid not null,
  since timestamptz not null,
  primary key (school_id, student_id),
  foreign key (school_id, student_id) references students (school_id, id),
  foreign key (school_id, file_id) references files (school_id, id) on delete cascade
);
comment on table student_photos is 'The photo that a guard sees beside a pass.';
create index student_photos_file on student_photos (school_id, file_id);

do $$
declare name text;
begin
  foreach name in array array['files', 'file_limits', 'student_photos']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
  end loop;
end $$;
grant select, insert, update, delete on files, student_photos to gatehouse_app;
grant select, insert, update on file_limits to gatehouse_app;

-- The signed list as tables, roots and deltas (GHL1). Lists are made anew from the passes, so the old versions go.

drop table list_versions;

alter table signing_keys drop constraint signing_keys_use_check;
alter table signing_keys add constraint signing_keys_use_check check (use in ('pass', 'list', 'policy', 'ack', 'command'));

create table list_versions (
  school_id uuid not null,
  scope text not null,
  version integer not null check (version >= 1),
  issued_at timestamptz not null,
  head json not null,
  policy_jws text not null,
  delta_hash text not null check (delta_hash ~ '^[0-9a-f]{64}$'),
  delta_jws text not null,
  primary key (school_id, scope, version),
  foreign key (school_id, scope) references scopes (school_id, scope)
);
comment on column list_versions.head is 'What a head says besides its two dates; it is signed anew every minute.';

create table list_files (
  school_id uuid not null,
  scope text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  version integer not null,
  content bytea not null,
  primary key (school_id, scope, sha256),
  foreign key (school_id, scope) references scopes (school_id, scope)
);
comment on column list_files.version is 'The newest version that names the file; it goes when that version is no longer kept.';

do $$
declare name text;
begin
  foreach name in array array['list_versions', 'list_files']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;

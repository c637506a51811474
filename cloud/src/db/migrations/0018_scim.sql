-- What an identity provider calls an account; the account itself is a user like any other.

create table scim_links (
  school_id uuid not null,
  user_id uuid not null,
  external_id text check (length(external_id) <= 300),
  version integer not null default 1,
  updated_at timestamptz not null,
  primary key (school_id, user_id),
  foreign key (school_id, user_id) references users (school_id, id) on delete cascade
);
create unique index scim_links_external on scim_links (school_id, external_id) where external_id is not null;
alter table scim_links enable row level security;
alter table scim_links force row level security;
create policy own_school on scim_links to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant select, insert, update, delete on scim_links to gatehouse_app;

-- A dry run takes the rows that nothing was decided for, a batch at a time.
create index import_rows_undecided on import_rows (school_id, import_id, number) where action is null;

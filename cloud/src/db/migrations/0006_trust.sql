-- Keys have dates, and a bundle that root keys signed says which of them gates believe. Root keys are files, never rows.

alter table signing_keys add column not_before timestamptz;
alter table signing_keys add column expires timestamptz;
update signing_keys set not_before = created_at - interval '1 hour', expires = created_at + interval '2190 days';
alter table signing_keys alter column not_before set not null;
alter table signing_keys alter column expires set not null;
alter table signing_keys add constraint signing_keys_dates_check check (not_before < expires);
alter table signing_keys add column revoked_at timestamptz;
alter table signing_keys add column bundled boolean not null default false;
comment on column signing_keys.bundled is 'The published bundle has it. Any other is a draft, and signs nothing once there is a bundle.';

create table trust_bundles (
  school_id uuid not null references schools (id),
  version integer not null check (version >= 1),
  epoch integer not null check (epoch >= 1),
  jws json not null,
  created_at timestamptz not null default now(),
  primary key (school_id, version)
);
comment on table trust_bundles is 'Every bundle that was published: the newest is in force, the others lead old gates to it.';

alter table trust_bundles enable row level security;
alter table trust_bundles force row level security;
create policy own_school on trust_bundles to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
-- Evidence is added, never changed.
grant select, insert on trust_bundles to gatehouse_app;

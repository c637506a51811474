-- People who come for a while, the passes they are given, and when they were here.

create table visitors (
  id uuid primary key,
  school_id uuid not null references schools (id),
  first_name text not null check (length(first_name) between 1 and 1000),
  last_name text not null check (length(last_name) <= 1000),
  organisation text check (length(organisation) between 1 and 1000),
  sealed_contact text,
  host_user_id uuid not null,
  purpose text check (length(purpose) between 1 and 2000),
  search_text text not null,
  created_by uuid,
  version integer not null default 1 check (version >= 1),
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (school_id, id),
  foreign key (school_id, host_user_id) references users (school_id, id)
);
comment on column visitors.sealed_contact is 'Phone in E.164 and e-mail address, where they were given.';
comment on column visitors.host_user_id is 'Whom they come to see, of the newest visit.';
comment on column visitors.archived_at is 'Forgotten: an empty row stays for the passes.';
create index visitors_newest on visitors (school_id, created_at desc, id desc) where archived_at is null;
create index visitors_host on visitors (school_id, host_user_id) where archived_at is null;

alter table passes alter column student_id drop not null;
alter table passes add column visitor_id uuid;
alter table passes add column escort boolean not null default false;
alter table passes add column renewed_at timestamptz;
alter table passes add foreign key (school_id, visitor_id) references visitors (school_id, id);
alter table passes add constraint passes_one_holder check (num_nonnulls(student_id, visitor_id) = 1);
comment on column passes.escort is 'Its holder comes with somebody who belongs here.';
comment on column passes.renewed_at is 'When it was last given a later end: an order of many that is begun again passes it over.';
create index passes_visitor on passes (school_id, visitor_id) where visitor_id is not null;

create table visitor_arrivals (
  school_id uuid not null references schools (id),
  pass_id text not null,
  day text not null check (day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
  visitor_id uuid not null,
  gate_id uuid not null,
  arrived_at timestamptz not null,
  left_at timestamptz,
  primary key (school_id, pass_id, day),
  foreign key (school_id, pass_id) references passes (school_id, pass_id),
  foreign key (school_id, visitor_id) references visitors (school_id, id)
);
comment on table visitor_arrivals is 'Each day on which a gate let a visitor in, the first time it did; the host was told in the same transaction.';
comment on column visitor_arrivals.day is 'Of the school''s calendar.';
comment on column visitor_arrivals.left_at is 'A gate let them out. Null again when they come back.';
create index visitor_arrivals_visitor on visitor_arrivals (school_id, visitor_id, day desc);

comment on column access_events.student_id is 'The holder, a student or a visitor, where the credential was proven.';
comment on column audit_log.student_id is 'Whose data it is about, a student''s or a visitor''s: a student sees who looked at theirs.';

do $$
declare name text;
begin
  foreach name in array array['visitors', 'visitor_arrivals']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
  end loop;
end $$;
grant select, insert, update on visitors to gatehouse_app;
grant select, insert, update, delete on visitor_arrivals to gatehouse_app;

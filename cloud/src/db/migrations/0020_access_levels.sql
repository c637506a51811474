-- What a pass may open: groups with an editor, hours and days as rows, access levels, terms, and how long a pass is valid.

alter table groups add column version integer not null default 1;

create table profiles (
  school_id uuid not null references schools (id),
  number integer not null check (number between 1 and 255),
  name text not null check (length(name) <= 100),
  windows json not null,
  on_holidays json not null,
  version integer not null default 1,
  primary key (school_id, number)
);
comment on table profiles is 'Hours of the week that passes name by number; 0 is always and has no row. In the signed policy of every list.';

create table holidays (
  school_id uuid not null references schools (id),
  day text not null check (day ~ '^\d{4}-\d{2}-\d{2}$'),
  name text not null check (length(name) <= 100),
  hours json,
  calendar text check (length(calendar) between 1 and 100),
  version integer not null default 1,
  primary key (school_id, day)
);
comment on table holidays is 'Days that are not like their weekday, by their date on the gate''s wall.';
comment on column holidays.hours is 'Null: each profile says what is left. Empty: closed. Otherwise the hours of every profile.';
comment on column holidays.calendar is 'The calendar file it came from, by the name it was given; null: entered by hand.';

create table access_levels (
  id uuid not null,
  school_id uuid not null references schools (id),
  name text not null check (length(name) between 1 and 100),
  class text not null check (class in ('student', 'staff', 'contractor', 'visitor', 'vehicle')),
  profile integer,
  archived_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  primary key (school_id, id),
  foreign key (school_id, profile) references profiles (school_id, number)
);
comment on column access_levels.profile is 'Null: always.';
create unique index access_levels_name on access_levels (school_id, lower(name)) where archived_at is null;

create table access_level_groups (
  school_id uuid not null,
  level_id uuid not null,
  group_number integer not null,
  primary key (school_id, level_id, group_number),
  foreign key (school_id, level_id) references access_levels (school_id, id),
  foreign key (school_id, group_number) references groups (school_id, number)
);

create table access_level_defaults (
  id uuid not null,
  school_id uuid not null references schools (id),
  class text check (class in ('student', 'staff', 'contractor', 'visitor', 'vehicle')),
  department_id uuid,
  level_id uuid not null,
  version integer not null default 1,
  primary key (school_id, id),
  foreign key (school_id, department_id) references departments (school_id, id) on delete cascade,
  foreign key (school_id, level_id) references access_levels (school_id, id)
);
comment on table access_level_defaults is 'Which level a new pass takes: of the kind and the department, else of the department, else of the kind, else of the school.';
create unique index access_level_defaults_for on access_level_defaults (school_id, coalesce(class, ''), coalesce(department_id::text, ''));

alter table passes add column access_level_id uuid;
alter table passes add foreign key (school_id, access_level_id) references access_levels (school_id, id);
comment on column passes.access_level_id is 'Groups, profile and class follow this level. Null: chosen for this pass alone.';
create index passes_access_level on passes (school_id, access_level_id) where access_level_id is not null;

create table terms (
  id uuid not null,
  school_id uuid not null references schools (id),
  name text not null check (length(name) between 1 and 100),
  kind text not null check (kind in ('term', 'school_year')),
  first_day date not null,
  last_day date not null,
  external_id text check (length(external_id) between 1 and 255),
  version integer not null default 1,
  primary key (school_id, id),
  check (last_day >= first_day)
);
comment on column terms.external_id is 'sourcedId of the academic session it came from; null: entered by hand.';
create unique index terms_external on terms (school_id, external_id) where external_id is not null;
create index terms_days on terms (school_id, kind, first_day);

create table pass_validity (
  school_id uuid not null references schools (id),
  class text not null check (class in ('student', 'staff', 'contractor', 'visitor', 'vehicle')),
  ends text not null check (ends in ('date', 'term', 'school_year', 'days')),
  last_day date,
  days integer check (days between 1 and 3660),
  renewal_days integer not null check (renewal_days between 0 and 366),
  reminder_days integer[] not null check (array_length(reminder_days, 1) is null or array_length(reminder_days, 1) <= 10),
  version integer not null default 1,
  primary key (school_id, class),
  check ((ends = 'date') = (last_day is not null)),
  check ((ends = 'days') = (days is not null))
);
comment on table pass_validity is 'How long a new pass of a kind is valid where nobody says otherwise.';

-- Hours and days move from the document to rows of their own. Its owner sees it only while the policy is not forced on them.
alter table gate_rules no force row level security;
insert into profiles (school_id, number, name, windows, on_holidays)
  select gate_rules.school_id, one.key::integer, one.value ->> 'name', one.value -> 'windows', coalesce(one.value -> 'onHolidays', '[]'::json)
  from gate_rules, json_each(gate_rules.rules -> 'profiles') as one;
insert into holidays (school_id, day, name, hours)
  select gate_rules.school_id, one.key, one.value ->> 'name',
    case when json_typeof(one.value -> 'hours') = 'array' then one.value -> 'hours' end
  from gate_rules, json_each(gate_rules.rules -> 'holidays') as one;
update gate_rules set rules = json_build_object('groupSets', rules -> 'groupSets', 'newerThanList', rules -> 'newerThanList',
  'staticPasses', rules -> 'staticPasses', 'lease', rules -> 'lease', 'whenClockInDoubt', rules -> 'whenClockInDoubt',
  'gates', rules -> 'gates', 'guard', rules -> 'guard');
alter table gate_rules force row level security;
comment on table gate_rules is 'What the policy of every list says beside hours and days. No row: the defaults. Its version also rises with every change of those.';

do $$
declare name text;
begin
  foreach name in array array['profiles', 'holidays', 'access_levels', 'access_level_groups', 'access_level_defaults', 'terms', 'pass_validity']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;
revoke delete on access_levels from gatehouse_app;

-- Who asked the service about which code, when, and what it said.

create table pass_checks (
  school_id uuid not null references schools (id),
  id uuid not null,
  checked_at timestamptz not null,
  user_id uuid,
  gate_id uuid,
  lane text,
  pass_id text,
  code_time bigint,
  proven boolean not null,
  open boolean not null,
  refusal text,
  primary key (school_id, id),
  foreign key (school_id, user_id) references users (school_id, id)
);
comment on column pass_checks.user_id is 'Null for a super_admin, who is no user of the school.';
comment on column pass_checks.pass_id is 'Claimed where the code was not proven; perhaps no pass of ours.';
comment on column pass_checks.code_time is 'The time in a moving code, Unix seconds. What opened for one person is used up for the others.';
create index pass_checks_newest on pass_checks (school_id, checked_at desc, id desc);
create index pass_checks_pass on pass_checks (school_id, pass_id, checked_at desc, id desc);

do $$
declare name text;
begin
  foreach name in array array['pass_checks']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, delete on %I to gatehouse_app', name);
  end loop;
end $$;

-- Phones that are bound to a pass, and passes that only a phone opens.

alter table passes add column dynamic_only boolean not null default false;
comment on column passes.dynamic_only is 'Printed codes and wallets no longer open; the phone does.';

create table device_keys (
  school_id uuid not null,
  pass_id text not null,
  point text not null check (point ~ '^0[23][0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  primary key (school_id, pass_id),
  foreign key (school_id, pass_id) references passes (school_id, pass_id)
);
comment on column device_keys.point is 'The public half of the phone''s P-256 key, compressed (SEC 1 section 2.3.3).';

do $$
declare name text;
begin
  foreach name in array array['device_keys']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;

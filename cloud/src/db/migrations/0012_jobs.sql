-- What there is to do later, as people see it; the queue itself is pg-boss's, which knows a job by its id.

create table jobs (
  id uuid primary key,
  school_id uuid references schools (id),
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  title text not null check (length(title) between 1 and 300),
  key text check (length(key) between 1 and 200),
  body json not null check (octet_length(body::text) <= 2000000),
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  tries integer not null default 0,
  done bigint not null default 0,
  total bigint,
  words text check (length(words) <= 300),
  result json check (octet_length(result::text) <= 200000),
  error text check (length(error) <= 1000),
  made_by uuid,
  made_at timestamptz not null,
  run_after timestamptz not null,
  give_up_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  cancel_asked_at timestamptz,
  unique (school_id, id),
  foreign key (school_id, made_by) references users (school_id, id) on delete set null (made_by),
  check ((ended_at is not null) = (state in ('done', 'failed', 'cancelled')))
);
comment on table jobs is 'Written in the transaction that wants it done, and kept in step with the queue. Rows without a school are the installation''s.';
comment on column jobs.tries is 'How often it was begun. An attempt that was taken over by another changes nothing any more: it says which try it is.';
comment on column jobs.key is 'Of the jobs of a kind with one key, one at a time is done.';
comment on column jobs.give_up_at is 'Where a kind is tried for so long and not so often: after this it is not tried again.';
comment on column jobs.done is 'Of `total`; without a total, a count that grows.';
comment on column jobs.error is 'Why the last try failed, also while it waits for the next.';
create index jobs_newest on jobs (school_id, made_at desc, id desc);
create index jobs_state on jobs (school_id, state, made_at desc, id desc);
create index jobs_over on jobs (ended_at) where state in ('done', 'cancelled');

alter table jobs enable row level security;
alter table jobs force row level security;
create policy own_school on jobs to gatehouse_app
  using (school_id = current_school() or (school_id is null and current_school() is null))
  with check (school_id = current_school() or (school_id is null and current_school() is null));
grant select, insert, update, delete on jobs to gatehouse_app;

-- Numbers for the meters of the installation, of all schools together.
create policy counts on jobs for select to gatehouse_definer using (true);
grant select on jobs to gatehouse_definer;
create function count_jobs()
  returns table (kind text, state text, count integer)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select jobs.kind, jobs.state, count(*)::int from jobs where jobs.state in ('waiting', 'running', 'failed') group by 1, 2 $$;
grant create on schema public to gatehouse_definer;
revoke all on function count_jobs() from public;
grant execute on function count_jobs() to gatehouse_app;
alter function count_jobs() owner to gatehouse_definer;
revoke create on schema public from gatehouse_definer;

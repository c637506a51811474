-- What people are told, by which ways, and what became of each; web hooks.

create table notifications (
  id uuid primary key,
  school_id uuid not null references schools (id),
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  user_id uuid,
  student_id uuid,
  facts json not null check (octet_length(facts::text) <= 10000),
  path text not null check (path ~ '^/' and length(path) <= 300),
  in_inbox boolean not null,
  made_at timestamptz not null default now(),
  read_at timestamptz,
  unique (school_id, id),
  check (user_id is not null or student_id is not null),
  foreign key (school_id, user_id) references users (school_id, id),
  foreign key (school_id, student_id) references students (school_id, id)
);
comment on table notifications is 'Ninety days. What was told to a student without an account has no user; it went by mail.';
comment on column notifications.student_id is 'Whose data it tells of, also where somebody else is told.';
comment on column notifications.facts is 'Text by name, for the words in `mail/templates`.';
create index notifications_inbox on notifications (school_id, user_id, made_at desc, id desc) where in_inbox;
create index notifications_unread on notifications (school_id, user_id) where in_inbox and read_at is null;
create index notifications_student on notifications (school_id, student_id) where student_id is not null;
create index notifications_old on notifications (school_id, made_at);

create table notification_wishes (
  school_id uuid not null references schools (id),
  user_id uuid not null,
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  channel text not null check (channel in ('inbox', 'email', 'push', 'sms')),
  wish text not null check (wish in ('now', 'daily', 'off')),
  primary key (school_id, user_id, kind, channel),
  foreign key (school_id, user_id) references users (school_id, id)
);

create table notification_settings (
  school_id uuid not null references schools (id),
  user_id uuid not null,
  quiet_from text check (quiet_from ~ '^\d\d:\d\d$'),
  quiet_to text check (quiet_to ~ '^\d\d:\d\d$'),
  sealed_sms_number text,
  sms_ending text check (length(sms_ending) <= 20),
  primary key (school_id, user_id),
  foreign key (school_id, user_id) references users (school_id, id),
  check ((quiet_from is null) = (quiet_to is null)),
  check ((sealed_sms_number is null) = (sms_ending is null))
);

create table push_keys (
  id integer primary key check (id = 1),
  public_key text not null check (length(public_key) = 87),
  sealed_private text not null,
  made_at timestamptz not null default now()
);
comment on table push_keys is 'The installation''s own (VAPID, RFC 8292), made once: browsers subscribed with it.';

create table push_subscriptions (
  id uuid primary key,
  school_id uuid not null references schools (id),
  user_id uuid not null,
  session_id uuid not null,
  sealed_subscription text not null,
  made_at timestamptz not null,
  unique (school_id, id),
  unique (session_id),
  foreign key (school_id, user_id) references users (school_id, id),
  foreign key (school_id, session_id) references sessions (school_id, id) on delete cascade
);
comment on column push_subscriptions.sealed_subscription is 'Address and keys of the browser, as JSON: who has them can write to it.';
create index push_subscriptions_user on push_subscriptions (school_id, user_id);

create table webhooks (
  id uuid primary key,
  school_id uuid not null references schools (id),
  url text not null check (length(url) <= 1000),
  kinds text[] not null check (cardinality(kinds) between 1 and 100),
  sealed_secret text not null,
  state text not null check (state in ('active', 'paused', 'off')),
  failing_since timestamptz,
  made_at timestamptz not null,
  unique (school_id, id)
);

create table deliveries (
  id uuid primary key,
  school_id uuid not null references schools (id),
  channel text not null check (channel in ('email', 'push', 'sms', 'webhook')),
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  notification_id uuid,
  user_id uuid,
  student_id uuid,
  webhook_id uuid,
  body text check (octet_length(body) <= 20000),
  state text not null check (state in ('waiting', 'daily', 'sent', 'delivered', 'failed', 'dropped')),
  job_id uuid,
  mail_id uuid,
  called_at timestamptz,
  provider_id text check (length(provider_id) <= 100),
  tries integer not null default 0,
  status integer,
  took_ms integer,
  answer text check (length(answer) <= 1024),
  made_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (school_id, id),
  foreign key (school_id, notification_id) references notifications (school_id, id) on delete cascade,
  foreign key (school_id, user_id) references users (school_id, id),
  foreign key (school_id, student_id) references students (school_id, id),
  foreign key (school_id, webhook_id) references webhooks (school_id, id) on delete cascade,
  foreign key (school_id, mail_id) references mails (school_id, id) on delete set null (mail_id),
  check ((channel = 'webhook') = (webhook_id is not null and body is not null)),
  check ((channel = 'webhook') = (notification_id is null)),
  check ((ended_at is not null) = (state not in ('waiting', 'daily')))
);
comment on table deliveries is 'Thirty days. One row for each way to each person, and for each web hook.';
comment on column deliveries.body is 'What a web hook is sent, the same at each try and each replay.';
comment on column deliveries.called_at is 'An SMS was handed over and no answer was written down: before another try the provider is asked whether it has it.';
create index deliveries_newest on deliveries (school_id, made_at desc, id desc);
create index deliveries_notification on deliveries (school_id, notification_id) where notification_id is not null;
create index deliveries_daily on deliveries (school_id, user_id) where state = 'daily';
create index deliveries_webhook on deliveries (school_id, webhook_id, made_at desc) where webhook_id is not null;
create index deliveries_mail on deliveries (school_id, mail_id) where mail_id is not null;
create unique index deliveries_provider on deliveries (provider_id) where provider_id is not null;

do $$
declare name text;
begin
  foreach name in array array['notifications', 'notification_wishes', 'notification_settings', 'push_subscriptions', 'webhooks', 'deliveries']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;
grant select, insert on push_keys to gatehouse_app;

-- A provider's callback knows its own id and no school.
create policy by_provider on deliveries for select to gatehouse_definer using (true);
grant select on deliveries to gatehouse_definer;
create function school_of_sms(wanted text) returns uuid
  language sql stable security definer set search_path = public, pg_temp
  as $$ select deliveries.school_id from deliveries where deliveries.provider_id = wanted and deliveries.channel = 'sms' $$;
grant create on schema public to gatehouse_definer;
revoke all on function school_of_sms(text) from public;
grant execute on function school_of_sms(text) to gatehouse_app;
alter function school_of_sms(text) owner to gatehouse_definer;
revoke create on schema public from gatehouse_definer;

-- Mail: what is to go out and what became of it; and in which language a person is written to.

alter table schools add column language text not null default 'en' check (language in ('en', 'nl'));
alter table users add column language text check (language in ('en', 'nl'));
comment on column users.language is 'Null: the school''s.';

create table mails (
  id uuid primary key,
  school_id uuid references schools (id),
  job_id uuid,
  template text not null check (template ~ '^[a-z_]{1,40}$'),
  language text not null check (language in ('en', 'nl')),
  to_address text not null check (length(to_address) between 3 and 254),
  to_name text check (length(to_name) <= 300),
  subject text not null check (length(subject) between 1 and 300),
  body json check (octet_length(body::text) <= 100000),
  state text not null check (state in ('waiting', 'sent', 'failed', 'kept')),
  answer text check (length(answer) <= 1000),
  made_at timestamptz not null,
  ended_at timestamptz,
  unique (school_id, id),
  check ((ended_at is not null) = (state <> 'waiting'))
);
comment on table mails is 'Thirty days; what a mail says goes when it was sent, since links in it open accounts.';
comment on column mails.body is 'Text and HTML; null once it was sent.';
comment on column mails.state is 'kept: there is no mail server; the dashboard shows it instead.';
comment on column mails.answer is 'The mail server''s last words.';
create index mails_newest on mails (school_id, made_at desc, id desc);
create index mails_old on mails (made_at);

alter table mails enable row level security;
alter table mails force row level security;
create policy own_school on mails to gatehouse_app
  using (school_id = current_school() or (school_id is null and current_school() is null))
  with check (school_id = current_school() or (school_id is null and current_school() is null));
grant select, insert, update, delete on mails to gatehouse_app;

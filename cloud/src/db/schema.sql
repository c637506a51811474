-- The sum of the migrations, written by a test. Read it in review; never edit it.

-- student_id: The holder, a student or a visitor, where the credential was proven.
-- record: The record in its canonical form, as it was hashed. json, not jsonb: the text is kept as it is.
table access_events (
  school_id uuid not null,
  gate_id uuid not null,
  sequence bigint not null,
  event_time timestamp with time zone not null,
  received_at timestamp with time zone not null default now(),
  kind text not null,
  lane text,
  pass_id text,
  student_id uuid,
  technology text,
  proof text,
  ground text,
  refusal text,
  objection text,
  list_version integer not null,
  previous_hash text not null,
  hash text not null,
  record json not null,
  constraint access_events_pkey PRIMARY KEY (gate_id, sequence, event_time)
) partition by RANGE (event_time);
-- forced row-level security
CREATE INDEX access_events_gate ON public.access_events USING btree (gate_id, event_time DESC);
CREATE INDEX access_events_holder ON public.access_events USING btree (student_id, event_time DESC);
CREATE INDEX access_events_newest ON public.access_events USING btree (school_id, event_time DESC, gate_id, sequence DESC);
CREATE INDEX access_events_time ON public.access_events USING brin (event_time);
policy forgets for all to gatehouse_definer using (school_id = current_school()) with check (school_id = current_school());
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select to gatehouse_app;
grant delete, select to gatehouse_definer;

-- scopes: Operations it was made for. What it may is never more than what its owner may at that moment.
table access_keys (
  id uuid not null,
  school_id uuid,
  user_id uuid not null,
  name text not null,
  hash text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  scopes text[] not null default '{feed:read}'::text[],
  constraint access_keys_hash_key UNIQUE (hash),
  constraint access_keys_pkey PRIMARY KEY (id),
  constraint access_keys_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint access_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint access_keys_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint access_keys_scopes_check CHECK (((cardinality(scopes) >= 1) AND (cardinality(scopes) <= 60)))
);
-- forced row-level security
CREATE INDEX access_keys_user ON public.access_keys USING btree (user_id);
policy finds_key for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- Which level a new pass takes: of the kind and the department, else of the department, else of the kind, else of the school.
table access_level_defaults (
  id uuid not null,
  school_id uuid not null,
  class text,
  department_id uuid,
  level_id uuid not null,
  version integer not null default 1,
  constraint access_level_defaults_pkey PRIMARY KEY (school_id, id),
  constraint access_level_defaults_school_id_department_id_fkey FOREIGN KEY (school_id, department_id) REFERENCES departments(school_id, id) ON DELETE CASCADE,
  constraint access_level_defaults_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint access_level_defaults_school_id_level_id_fkey FOREIGN KEY (school_id, level_id) REFERENCES access_levels(school_id, id),
  constraint access_level_defaults_class_check CHECK ((class = ANY (ARRAY['student'::text, 'staff'::text, 'contractor'::text, 'visitor'::text, 'vehicle'::text])))
);
-- forced row-level security
CREATE UNIQUE INDEX access_level_defaults_for ON public.access_level_defaults USING btree (school_id, COALESCE(class, ''::text), COALESCE((department_id)::text, ''::text));
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table access_level_groups (
  school_id uuid not null,
  level_id uuid not null,
  group_number integer not null,
  constraint access_level_groups_pkey PRIMARY KEY (school_id, level_id, group_number),
  constraint access_level_groups_school_id_group_number_fkey FOREIGN KEY (school_id, group_number) REFERENCES groups(school_id, number),
  constraint access_level_groups_school_id_level_id_fkey FOREIGN KEY (school_id, level_id) REFERENCES access_levels(school_id, id)
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- profile: Null: always.
table access_levels (
  id uuid not null,
  school_id uuid not null,
  name text not null,
  class text not null,
  profile integer,
  archived_at timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  constraint access_levels_pkey PRIMARY KEY (school_id, id),
  constraint access_levels_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint access_levels_school_id_profile_fkey FOREIGN KEY (school_id, profile) REFERENCES profiles(school_id, number),
  constraint access_levels_class_check CHECK ((class = ANY (ARRAY['student'::text, 'staff'::text, 'contractor'::text, 'visitor'::text, 'vehicle'::text]))),
  constraint access_levels_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);
-- forced row-level security
CREATE UNIQUE INDEX access_levels_name ON public.access_levels USING btree (school_id, lower(name)) WHERE (archived_at IS NULL);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select, update to gatehouse_app;

table access_point_groups (
  school_id uuid not null,
  access_point_id uuid not null,
  group_number integer not null,
  constraint access_point_groups_pkey PRIMARY KEY (school_id, access_point_id, group_number),
  constraint access_point_groups_school_id_access_point_id_fkey FOREIGN KEY (school_id, access_point_id) REFERENCES access_points(school_id, id),
  constraint access_point_groups_school_id_group_number_fkey FOREIGN KEY (school_id, group_number) REFERENCES groups(school_id, number)
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table access_points (
  id uuid not null,
  school_id uuid not null,
  gate_id uuid not null,
  lane text not null,
  name text not null,
  direction text not null,
  position integer not null,
  constraint access_points_gate_id_lane_key UNIQUE (gate_id, lane),
  constraint access_points_school_id_id_key UNIQUE (school_id, id),
  constraint access_points_pkey PRIMARY KEY (id),
  constraint access_points_school_id_gate_id_fkey FOREIGN KEY (school_id, gate_id) REFERENCES gates(school_id, id),
  constraint access_points_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
  constraint access_points_lane_check CHECK ((lane ~ '^[a-z0-9][a-z0-9-]{0,30}$'::text))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Idempotency-Key: what was answered, for 24 hours. No answer with a secret in it is kept.
-- committed: Set in the transaction of what was asked for: it was done, whether or not the answer is here.
table answers_given (
  school_id uuid,
  user_id uuid not null,
  key text not null,
  request_hash text not null,
  begun_at timestamp with time zone not null,
  committed boolean not null default false,
  status integer,
  body text,
  constraint answers_given_school_id_user_id_key_key UNIQUE NULLS NOT DISTINCT (school_id, user_id, key),
  constraint answers_given_body_check CHECK ((length(body) <= 262144)),
  constraint answers_given_key_check CHECK ((length(key) <= 200)),
  constraint answers_given_request_hash_check CHECK ((request_hash ~ '^[0-9a-f]{64}$'::text))
);
-- forced row-level security
CREATE INDEX answers_given_age ON public.answers_given USING btree (begun_at);
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;

-- read: Names of the facts that were read, and nothing of what they said.
table application_checks (
  school_id uuid not null,
  application_id uuid not null,
  kind text not null,
  state text not null default 'waiting'::text,
  read jsonb not null default '[]'::jsonb,
  findings jsonb not null default '[]'::jsonb,
  asked_at timestamp with time zone not null,
  done_at timestamp with time zone,
  constraint application_checks_pkey PRIMARY KEY (school_id, application_id, kind),
  constraint application_checks_school_id_application_id_fkey FOREIGN KEY (school_id, application_id) REFERENCES applications(school_id, id) ON DELETE CASCADE,
  constraint application_checks_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint application_checks_kind_check CHECK ((kind = ANY (ARRAY['roster'::text, 'documents'::text, 'eligibility'::text, 'duplicates'::text]))),
  constraint application_checks_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'clear'::text, 'attention'::text])))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- What happened to an application and what was said about it, oldest first.
table application_entries (
  id uuid not null,
  school_id uuid not null,
  application_id uuid not null,
  at timestamp with time zone not null,
  side text not null,
  made_by uuid,
  kind text not null,
  event text,
  to_status text,
  internal boolean not null default false,
  text text,
  constraint application_entries_pkey PRIMARY KEY (id),
  constraint application_entries_school_id_application_id_fkey FOREIGN KEY (school_id, application_id) REFERENCES applications(school_id, id) ON DELETE CASCADE,
  constraint application_entries_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint application_entries_comment CHECK (((kind = 'event'::text) OR (text IS NOT NULL))),
  constraint application_entries_event_check CHECK ((event = ANY (ARRAY['submit'::text, 'take'::text, 'ask_documents'::text, 'hand_in'::text, 'approve'::text, 'reject'::text, 'withdraw'::text, 'reopen'::text, 'expire'::text]))),
  constraint application_entries_kind CHECK (((kind = 'event'::text) = ((event IS NOT NULL) AND (to_status IS NOT NULL)))),
  constraint application_entries_kind_check CHECK ((kind = ANY (ARRAY['event'::text, 'comment'::text]))),
  constraint application_entries_side_check CHECK ((side = ANY (ARRAY['applicant'::text, 'reviewer'::text, 'system'::text]))),
  constraint application_entries_text_check CHECK (((length(text) >= 1) AND (length(text) <= 4000)))
);
-- forced row-level security
CREATE INDEX application_entries_of ON public.application_entries USING btree (school_id, application_id, at, id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select to gatehouse_app;

table application_files (
  school_id uuid not null,
  application_id uuid not null,
  field text not null,
  file_id uuid not null,
  constraint application_files_pkey PRIMARY KEY (school_id, application_id, field),
  constraint application_files_school_id_application_id_fkey FOREIGN KEY (school_id, application_id) REFERENCES applications(school_id, id) ON DELETE CASCADE,
  constraint application_files_school_id_file_id_fkey FOREIGN KEY (school_id, file_id) REFERENCES files(school_id, id) ON DELETE CASCADE,
  constraint application_files_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint application_files_field_check CHECK ((length(field) <= 40))
);
-- forced row-level security
CREATE INDEX application_files_file ON public.application_files USING btree (school_id, file_id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Never changed: an application keeps the version that it was begun with.
table application_forms (
  school_id uuid not null,
  version integer not null,
  content jsonb not null,
  made_by uuid,
  made_at timestamp with time zone not null,
  constraint application_forms_pkey PRIMARY KEY (school_id, version),
  constraint application_forms_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint application_forms_version_check CHECK ((version >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select to gatehouse_app;

-- answers: By field of the form. What is personal is in sealed_answers.
-- person_index: Keyed hash of folded name and date of birth, as students have one.
-- due_at: Until when somebody is to act: a reviewer, or the applicant who was asked for documents.
table applications (
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  form_version integer not null,
  status text not null default 'draft'::text,
  answers jsonb not null default '{}'::jsonb,
  sealed_answers text,
  person_index text,
  assigned_to uuid,
  begun_at timestamp with time zone not null,
  submitted_at timestamp with time zone,
  due_at timestamp with time zone,
  reminded_at timestamp with time zone,
  decided_at timestamp with time zone,
  decided_by uuid,
  reason text,
  pass_id text,
  version integer not null default 1,
  updated_at timestamp with time zone not null,
  constraint applications_school_id_id_key UNIQUE (school_id, id),
  constraint applications_pkey PRIMARY KEY (id),
  constraint applications_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint applications_school_id_form_version_fkey FOREIGN KEY (school_id, form_version) REFERENCES application_forms(school_id, version),
  constraint applications_school_id_student_id_fkey FOREIGN KEY (school_id, student_id) REFERENCES students(school_id, id),
  constraint applications_decided CHECK (((status = ANY (ARRAY['approved'::text, 'rejected'::text])) = (decided_at IS NOT NULL))),
  constraint applications_passed CHECK (((status = 'approved'::text) = (pass_id IS NOT NULL))),
  constraint applications_person_index_check CHECK ((person_index ~ '^[0-9a-f]{64}$'::text)),
  constraint applications_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 1000))),
  constraint applications_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'submitted'::text, 'under_review'::text, 'requires_documents'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text]))),
  constraint applications_submitted CHECK (((status = ANY (ARRAY['draft'::text, 'withdrawn'::text])) OR (submitted_at IS NOT NULL))),
  constraint applications_version_check CHECK ((version >= 1))
);
-- forced row-level security
CREATE INDEX applications_newest ON public.applications USING btree (school_id, status, submitted_at DESC);
CREATE UNIQUE INDEX applications_one_open ON public.applications USING btree (school_id, student_id) WHERE (status = ANY (ARRAY['draft'::text, 'submitted'::text, 'under_review'::text, 'requires_documents'::text]));
CREATE INDEX applications_pending ON public.applications USING btree (school_id, submitted_at) WHERE (status = ANY (ARRAY['submitted'::text, 'under_review'::text, 'requires_documents'::text]));
CREATE INDEX applications_person ON public.applications USING btree (school_id, person_index) WHERE (person_index IS NOT NULL);
CREATE INDEX applications_student ON public.applications USING btree (school_id, student_id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- The last row of each chain. Whoever seals holds this row: a chain has one end.
table audit_chains (
  school_id uuid,
  number bigint not null,
  hash text not null,
  constraint audit_chains_school_id_key UNIQUE NULLS NOT DISTINCT (school_id),
  constraint audit_chains_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint audit_chains_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint audit_chains_number_check CHECK ((number >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
policy seals for all to gatehouse_definer using true with check true;
grant select to gatehouse_app;
grant insert, select, update to gatehouse_definer;

-- Where retention cut the beginning of a chain: the number and hash of the last row that went.
table audit_checkpoints (
  school_id uuid,
  number bigint not null,
  hash text not null,
  rows_gone bigint not null,
  made_at timestamp with time zone not null default now(),
  constraint audit_checkpoints_school_id_number_key UNIQUE NULLS NOT DISTINCT (school_id, number),
  constraint audit_checkpoints_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint audit_checkpoints_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint audit_checkpoints_number_check CHECK ((number >= 1)),
  constraint audit_checkpoints_rows_gone_check CHECK ((rows_gone >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
policy seals for all to gatehouse_definer using true with check true;
grant select to gatehouse_app;
grant insert, select to gatehouse_definer;

-- Written in the transaction of what it tells. Rows without a school are the platform's: a super_admin's own sign-in.
-- student_id: Whose data it is about, a student's or a visitor's: a student sees who looked at theirs.
-- before: Only what changed. Encrypted fields are named, and their values masked.
-- content_hash: SHA-256 of the salt and of what may be erased (name, address, before, after, note): a chain over the hashes holds when a person is erased.
-- student_ids: Of a list: whose rows it showed.
-- number: Place in the chain of the school, from 1, given within a second after the commit; null until then.
-- hash: SHA-256 over the hash before it and what of the row can never change (audit/proof.ts).
table audit_log (
  id uuid not null,
  school_id uuid,
  at timestamp with time zone not null,
  by_kind text not null,
  by_id uuid,
  by_name text,
  by_role text,
  session_id uuid,
  address text,
  request_id text,
  action text not null,
  subject_kind text,
  subject_id text,
  student_id uuid,
  before json,
  after json,
  note text,
  salt text,
  content_hash text not null,
  student_ids uuid[],
  number bigint,
  previous_hash text,
  hash text,
  constraint audit_log_pkey PRIMARY KEY (id),
  constraint audit_log_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint audit_log_action_check CHECK ((action ~ '^[a-z_]{1,40}\.[a-z_]{1,40}$'::text)),
  constraint audit_log_address_check CHECK ((length(address) <= 64)),
  constraint audit_log_by_kind_check CHECK ((by_kind = ANY (ARRAY['user'::text, 'key'::text, 'scim'::text, 'job'::text, 'command'::text, 'nobody'::text]))),
  constraint audit_log_by_name_check CHECK ((length(by_name) <= 300)),
  constraint audit_log_content_hash_check CHECK ((content_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint audit_log_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint audit_log_note_check CHECK ((length(note) <= 1000)),
  constraint audit_log_previous_hash_check CHECK ((previous_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint audit_log_request_id_check CHECK ((length(request_id) <= 64)),
  constraint audit_log_salt_check CHECK ((salt ~ '^[0-9a-f]{32}$'::text)),
  constraint audit_log_sealed CHECK ((((number IS NULL) = (hash IS NULL)) AND ((number IS NULL) = (previous_hash IS NULL)))),
  constraint audit_log_student_ids_check CHECK ((cardinality(student_ids) <= 100)),
  constraint audit_log_subject_id_check CHECK ((length(subject_id) <= 100)),
  constraint audit_log_subject_kind_check CHECK ((length(subject_kind) <= 40))
);
-- forced row-level security
CREATE INDEX audit_log_by ON public.audit_log USING btree (school_id, by_id, at DESC);
CREATE INDEX audit_log_newest ON public.audit_log USING btree (school_id, at DESC, id DESC);
CREATE INDEX audit_log_noted ON public.audit_log USING btree (school_id, at DESC, id DESC) WHERE (note IS NOT NULL);
CREATE UNIQUE INDEX audit_log_number ON public.audit_log USING btree (school_id, number) NULLS NOT DISTINCT WHERE (number IS NOT NULL);
CREATE INDEX audit_log_session ON public.audit_log USING btree (session_id, at DESC) WHERE (session_id IS NOT NULL);
CREATE INDEX audit_log_shown ON public.audit_log USING gin (student_ids) WHERE (student_ids IS NOT NULL);
CREATE INDEX audit_log_student ON public.audit_log USING btree (school_id, student_id, at DESC) WHERE (student_id IS NOT NULL);
CREATE INDEX audit_log_subject ON public.audit_log USING btree (school_id, subject_id, at DESC);
CREATE INDEX audit_log_unsealed ON public.audit_log USING btree (school_id, at, id) WHERE (number IS NULL);
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
policy seals for all to gatehouse_definer using true with check true;
grant insert, select to gatehouse_app;
grant delete, select, update to gatehouse_definer;
CREATE TRIGGER audit_guard BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION audit_guard();

-- id: The id of the command that armed the reader.
-- armed_by: Who may take the card. No foreign key: a super_admin is no user of the school.
-- sealed_bits: Gone as soon as the card is taken, and with the row soon after.
table card_offers (
  school_id uuid not null,
  id uuid not null,
  gate_id uuid not null,
  lane text not null,
  reader text not null,
  armed_by uuid not null,
  armed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  technology text,
  bit_count integer,
  sealed_bits text,
  offered_at timestamp with time zone,
  taken_at timestamp with time zone,
  constraint card_offers_pkey PRIMARY KEY (school_id, id),
  constraint card_offers_school_id_gate_id_fkey FOREIGN KEY (school_id, gate_id) REFERENCES gates(school_id, id),
  constraint card_offers_bit_count_check CHECK (((bit_count >= 1) AND (bit_count <= 65535))),
  constraint card_offers_check CHECK ((((offered_at IS NULL) = (technology IS NULL)) AND ((offered_at IS NULL) = (bit_count IS NULL)))),
  constraint card_offers_check1 CHECK (((sealed_bits IS NULL) OR ((offered_at IS NOT NULL) AND (taken_at IS NULL)))),
  constraint card_offers_check2 CHECK (((taken_at IS NULL) OR (offered_at IS NOT NULL))),
  constraint card_offers_technology_check CHECK ((technology = ANY (ARRAY['em4100'::text, 'iso14443a'::text, 'iso15693'::text, 'h10301'::text, 'raw'::text, 'pin'::text, 'plate'::text])))
);
-- forced row-level security
CREATE INDEX card_offers_reader ON public.card_offers USING btree (school_id, gate_id, lane, reader, expires_at);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table credentials (
  id uuid not null,
  school_id uuid not null,
  pass_id text not null,
  technology text not null,
  bit_count integer not null,
  sealed_bits text not null,
  blind_index text not null,
  ending text not null,
  created_at timestamp with time zone not null,
  constraint credentials_school_id_blind_index_key UNIQUE (school_id, blind_index),
  constraint credentials_school_id_id_key UNIQUE (school_id, id),
  constraint credentials_pkey PRIMARY KEY (id),
  constraint credentials_school_id_pass_id_fkey FOREIGN KEY (school_id, pass_id) REFERENCES passes(school_id, pass_id),
  constraint credentials_bit_count_check CHECK (((bit_count >= 1) AND (bit_count <= 65535))),
  constraint credentials_blind_index_check CHECK ((blind_index ~ '^[0-9a-f]{64}$'::text)),
  constraint credentials_ending_check CHECK ((length(ending) <= 4)),
  constraint credentials_technology_check CHECK ((technology = ANY (ARRAY['em4100'::text, 'iso14443a'::text, 'iso15693'::text, 'h10301'::text, 'raw'::text, 'pin'::text, 'plate'::text])))
);
-- forced row-level security
CREATE INDEX credentials_pass ON public.credentials USING btree (school_id, pass_id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- What seals the personal fields of a school, itself sealed by the master key. The newest seals; older ones open until nothing is sealed with them.
-- wrapped: Null once retired: what was sealed with it in an old copy of a row cannot be opened any more.
table data_keys (
  school_id uuid not null,
  number integer not null,
  wrapped text,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint data_keys_pkey PRIMARY KEY (school_id, number),
  constraint data_keys_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint data_keys_check CHECK (((wrapped IS NULL) = (retired_at IS NOT NULL))),
  constraint data_keys_number_check CHECK ((number >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select, update to gatehouse_app;

-- Thirty days. One row for each way to each person, and for each web hook.
-- body: What a web hook is sent, the same at each try and each replay.
-- called_at: An SMS was handed over and no answer was written down: before another try the provider is asked whether it has it.
table deliveries (
  id uuid not null,
  school_id uuid not null,
  channel text not null,
  kind text not null,
  notification_id uuid,
  user_id uuid,
  student_id uuid,
  webhook_id uuid,
  body text,
  state text not null,
  job_id uuid,
  mail_id uuid,
  called_at timestamp with time zone,
  provider_id text,
  tries integer not null default 0,
  status integer,
  took_ms integer,
  answer text,
  made_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint deliveries_school_id_id_key UNIQUE (school_id, id),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint deliveries_school_id_mail_id_fkey FOREIGN KEY (school_id, mail_id) REFERENCES mails(school_id, id) ON DELETE SET NULL (mail_id),
  constraint deliveries_school_id_notification_id_fkey FOREIGN KEY (school_id, notification_id) REFERENCES notifications(school_id, id) ON DELETE CASCADE,
  constraint deliveries_school_id_student_id_fkey FOREIGN KEY (school_id, student_id) REFERENCES students(school_id, id),
  constraint deliveries_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint deliveries_school_id_webhook_id_fkey FOREIGN KEY (school_id, webhook_id) REFERENCES webhooks(school_id, id) ON DELETE CASCADE,
  constraint deliveries_answer_check CHECK ((length(answer) <= 1024)),
  constraint deliveries_body_check CHECK ((octet_length(body) <= 20000)),
  constraint deliveries_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text, 'sms'::text, 'webhook'::text]))),
  constraint deliveries_check CHECK (((channel = 'webhook'::text) = ((webhook_id IS NOT NULL) AND (body IS NOT NULL)))),
  constraint deliveries_check1 CHECK (((channel = 'webhook'::text) = (notification_id IS NULL))),
  constraint deliveries_check2 CHECK (((ended_at IS NOT NULL) = (state <> ALL (ARRAY['waiting'::text, 'daily'::text])))),
  constraint deliveries_kind_check CHECK ((kind ~ '^[a-z_]{1,40}$'::text)),
  constraint deliveries_provider_id_check CHECK ((length(provider_id) <= 100)),
  constraint deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'daily'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'dropped'::text])))
);
-- forced row-level security
CREATE INDEX deliveries_daily ON public.deliveries USING btree (school_id, user_id) WHERE (state = 'daily'::text);
CREATE INDEX deliveries_mail ON public.deliveries USING btree (school_id, mail_id) WHERE (mail_id IS NOT NULL);
CREATE INDEX deliveries_newest ON public.deliveries USING btree (school_id, made_at DESC, id DESC);
CREATE INDEX deliveries_notification ON public.deliveries USING btree (school_id, notification_id) WHERE (notification_id IS NOT NULL);
CREATE UNIQUE INDEX deliveries_provider ON public.deliveries USING btree (provider_id) WHERE (provider_id IS NOT NULL);
CREATE INDEX deliveries_webhook ON public.deliveries USING btree (school_id, webhook_id, made_at DESC) WHERE (webhook_id IS NOT NULL);
policy by_provider for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

table departments (
  id uuid not null,
  school_id uuid not null,
  name text not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint departments_pkey PRIMARY KEY (school_id, id),
  constraint departments_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint departments_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);
-- forced row-level security
CREATE UNIQUE INDEX departments_name ON public.departments USING btree (school_id, lower(name));
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- point: The public half of the phone's P-256 key, compressed (SEC 1 section 2.3.3).
table device_keys (
  school_id uuid not null,
  pass_id text not null,
  point text not null,
  created_at timestamp with time zone not null default now(),
  constraint device_keys_pkey PRIMARY KEY (school_id, pass_id),
  constraint device_keys_school_id_pass_id_fkey FOREIGN KEY (school_id, pass_id) REFERENCES passes(school_id, pass_id),
  constraint device_keys_point_check CHECK ((point ~ '^0[23][0-9a-f]{64}$'::text))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- selector: The first four characters. They find the code, so that a wrong guess at the other eight can be counted.
table enrolment_codes (
  id uuid not null,
  school_id uuid not null,
  gate_id uuid not null,
  selector text not null,
  secret_hash text not null,
  tries_left integer not null default 5,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint enrolment_codes_pkey PRIMARY KEY (id),
  constraint enrolment_codes_school_id_gate_id_fkey FOREIGN KEY (school_id, gate_id) REFERENCES gates(school_id, id),
  constraint enrolment_codes_secret_hash_check CHECK ((secret_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint enrolment_codes_selector_check CHECK ((length(selector) = 4)),
  constraint enrolment_codes_tries_left_check CHECK ((tries_left >= 0))
);
-- forced row-level security
CREATE INDEX enrolment_codes_gate ON public.enrolment_codes USING btree (school_id, gate_id);
CREATE UNIQUE INDEX enrolment_codes_selector ON public.enrolment_codes USING btree (selector) WHERE (used_at IS NULL);
policy finds_code for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- P-256 keys that gates seal a card to. The newest is used; older ones open what is on its way.
table enrolment_keys (
  school_id uuid not null,
  number integer not null,
  kid text not null,
  public_jwk json not null,
  sealed_private text not null,
  created_at timestamp with time zone not null default now(),
  constraint enrolment_keys_kid_key UNIQUE (kid),
  constraint enrolment_keys_pkey PRIMARY KEY (school_id, number),
  constraint enrolment_keys_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint enrolment_keys_number_check CHECK ((number >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Blind index of the student numbers of people who were erased: an import does not bring them back without a word.
table erased_numbers (
  school_id uuid not null,
  number_index text not null,
  student_id uuid not null,
  erased_at timestamp with time zone not null,
  constraint erased_numbers_pkey PRIMARY KEY (school_id, number_index),
  constraint erased_numbers_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint erased_numbers_school_id_student_id_fkey FOREIGN KEY (school_id, student_id) REFERENCES students(school_id, id),
  constraint erased_numbers_number_index_check CHECK ((number_index ~ '^[0-9a-f]{64}$'::text))
);
-- forced row-level security
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant insert, select, update to gatehouse_app;

table event_dead_letters (
  id uuid not null,
  school_id uuid not null,
  gate_id uuid not null,
  sequence bigint,
  reason text not null,
  detail text,
  raw text not null,
  received_at timestamp with time zone not null default now(),
  constraint event_dead_letters_pkey PRIMARY KEY (id),
  constraint event_dead_letters_detail_check CHECK ((length(detail) <= 1000)),
  constraint event_dead_letters_raw_check CHECK ((length(raw) <= 16384)),
  constraint event_dead_letters_reason_check CHECK ((length(reason) <= 100))
);
-- forced row-level security
CREATE INDEX event_dead_letters_gate ON public.event_dead_letters USING btree (school_id, gate_id, received_at DESC);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Where a school's figures are not the service's own.
table file_limits (
  school_id uuid not null,
  version integer not null default 1,
  school_bytes_max bigint not null,
  owner_bytes_max bigint not null,
  changed_at timestamp with time zone not null,
  constraint file_limits_pkey PRIMARY KEY (school_id),
  constraint file_limits_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint file_limits_owner_bytes_max_check CHECK ((owner_bytes_max >= 0)),
  constraint file_limits_school_bytes_max_check CHECK ((school_bytes_max >= 0)),
  constraint file_limits_version_check CHECK ((version >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select, update to gatehouse_app;

-- Files that people handed in. The bytes are in the store under storage_name, encrypted.
-- name: As the uploader called it, cleaned. Never the name of anything in the store.
-- media_type: By the first bytes, not by what the uploader said.
-- bytes: Of what was uploaded. Of a photo only the re-encoded one is kept.
-- sealed_key: The file's own key under the school's data key. Without it nothing of the file can be read again.
-- scan: none: no scanner is set up. missed: it was away, and the picture was re-encoded.
table files (
  id uuid not null,
  school_id uuid not null,
  category text not null,
  state text not null default 'waiting'::text,
  refusal text,
  name text not null,
  media_type text not null,
  bytes integer not null,
  sha256 text not null,
  storage_name text not null,
  sealed_key text,
  scan text not null default 'waiting'::text,
  photo_bytes integer,
  thumbnail_bytes integer,
  owner_student_id uuid,
  owner_user_id uuid,
  uploaded_by uuid,
  uploaded_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  removed_at timestamp with time zone,
  bytes_gone_at timestamp with time zone,
  constraint files_school_id_id_key UNIQUE (school_id, id),
  constraint files_storage_name_key UNIQUE (storage_name),
  constraint files_pkey PRIMARY KEY (id),
  constraint files_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint files_school_id_owner_student_id_fkey FOREIGN KEY (school_id, owner_student_id) REFERENCES students(school_id, id),
  constraint files_bytes_check CHECK (((bytes >= 1) AND (bytes <= 10485760))),
  constraint files_category_check CHECK ((category = ANY (ARRAY['document'::text, 'photo'::text]))),
  constraint files_media_type_check CHECK ((media_type = ANY (ARRAY['application/pdf'::text, 'image/jpeg'::text, 'image/png'::text, 'image/webp'::text]))),
  constraint files_name_check CHECK (((length(name) >= 1) AND (length(name) <= 1000))),
  constraint files_openable CHECK (((sealed_key IS NOT NULL) OR (bytes_gone_at IS NOT NULL))),
  constraint files_owned CHECK ((num_nonnulls(owner_student_id, owner_user_id) >= 1)),
  constraint files_photo_bytes_check CHECK ((photo_bytes > 0)),
  constraint files_refusal_check CHECK ((refusal = ANY (ARRAY['unreadable'::text, 'encrypted'::text, 'infected'::text]))),
  constraint files_refused CHECK (((state = 'refused'::text) = (refusal IS NOT NULL))),
  constraint files_scan_check CHECK ((scan = ANY (ARRAY['waiting'::text, 'clean'::text, 'infected'::text, 'none'::text, 'missed'::text]))),
  constraint files_settled CHECK (((state = 'waiting'::text) = (settled_at IS NULL))),
  constraint files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint files_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'ready'::text, 'refused'::text]))),
  constraint files_storage_name_check CHECK ((storage_name ~ '^[0-9a-f]{32}$'::text)),
  constraint files_thumbnail_bytes_check CHECK ((thumbnail_bytes > 0))
);
-- forced row-level security
CREATE INDEX files_kept ON public.files USING btree (school_id, owner_student_id) INCLUDE (bytes) WHERE (bytes_gone_at IS NULL);
CREATE INDEX files_of_user ON public.files USING btree (school_id, owner_user_id) INCLUDE (bytes) WHERE (bytes_gone_at IS NULL);
CREATE INDEX files_to_empty ON public.files USING btree (school_id, id) WHERE ((bytes_gone_at IS NULL) AND ((removed_at IS NOT NULL) OR (state = 'refused'::text)));
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Highest sequence stored without a gap, and its hash. A row comes with its gate.
table gate_chains (
  gate_id uuid not null,
  school_id uuid not null,
  sequence bigint not null default 0,
  hash text not null default '0000000000000000000000000000000000000000000000000000000000000000'::text,
  updated_at timestamp with time zone not null default now(),
  constraint gate_chains_pkey PRIMARY KEY (gate_id),
  constraint gate_chains_school_id_gate_id_fkey FOREIGN KEY (school_id, gate_id) REFERENCES gates(school_id, id),
  constraint gate_chains_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- The newest of a gate is signed and sent to it; the others can be sent again, as a newer one.
-- document: Boards and lanes, whole. Unsigned: it is signed by the key of the day whenever it is sent.
-- made_by: Null for a super_admin, who is no user of the school.
table gate_configurations (
  school_id uuid not null,
  gate_id uuid not null,
  version integer not null,
  document json not null,
  made_by uuid,
  made_at timestamp with time zone not null,
  constraint gate_configurations_pkey PRIMARY KEY (school_id, gate_id, version),
  constraint gate_configurations_school_id_gate_id_fkey FOREIGN KEY (school_id, gate_id) REFERENCES gates(school_id, id),
  constraint gate_configurations_school_id_made_by_fkey FOREIGN KEY (school_id, made_by) REFERENCES users(school_id, id),
  constraint gate_configurations_version_check CHECK ((version >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select to gatehouse_app;

-- What the policy of every list says beside hours and days. No row: the defaults. Its version also rises with every change of those.
table gate_rules (
  school_id uuid not null,
  version integer not null,
  rules json not null,
  changed_by uuid,
  changed_at timestamp with time zone not null,
  constraint gate_rules_pkey PRIMARY KEY (school_id),
  constraint gate_rules_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint gate_rules_version_check CHECK ((version >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table gate_states (
  gate_id uuid not null,
  school_id uuid not null,
  online boolean not null default false,
  since timestamp with time zone,
  state json,
  last_event_at timestamp with time zone,
  constraint gate_states_pkey PRIMARY KEY (gate_id),
  constraint gate_states_school_id_gate_id_fkey FOREIGN KEY (school_id, gate_id) REFERENCES gates(school_id, id)
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- broker_secret_hash: SHA-256 of 32 random bytes: there is nothing to guess that a slow hash would slow down.
table gates (
  id uuid not null,
  school_id uuid not null,
  short_name text not null,
  name text not null,
  scope text not null,
  public_jwk json,
  broker_secret_hash text,
  enrolled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint gates_school_id_id_key UNIQUE (school_id, id),
  constraint gates_school_id_short_name_key UNIQUE (school_id, short_name),
  constraint gates_pkey PRIMARY KEY (id),
  constraint gates_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint gates_school_id_scope_fkey FOREIGN KEY (school_id, scope) REFERENCES scopes(school_id, scope),
  constraint gates_short_name_check CHECK ((short_name ~ '^[a-z0-9][a-z0-9-]{0,30}$'::text))
);
-- forced row-level security
policy finds_gate for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

table groups (
  school_id uuid not null,
  number integer not null,
  name text not null,
  version integer not null default 1,
  constraint groups_pkey PRIMARY KEY (school_id, number),
  constraint groups_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint groups_number_check CHECK (((number >= 0) AND (number <= 30)))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Days that are not like their weekday, by their date on the gate's wall.
-- hours: Null: each profile says what is left. Empty: closed. Otherwise the hours of every profile.
-- calendar: The calendar file it came from, by the name it was given; null: entered by hand.
table holidays (
  school_id uuid not null,
  day text not null,
  name text not null,
  hours json,
  calendar text,
  version integer not null default 1,
  constraint holidays_pkey PRIMARY KEY (school_id, day),
  constraint holidays_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint holidays_calendar_check CHECK (((length(calendar) >= 1) AND (length(calendar) <= 100))),
  constraint holidays_day_check CHECK ((day ~ '^\d{4}-\d{2}-\d{2}$'::text)),
  constraint holidays_name_check CHECK ((length(name) <= 100))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- The uploaded file in pieces, sealed. It is here and not on a disk because whichever process plans must have it; deleted with the last use.
table import_chunks (
  school_id uuid not null,
  import_id uuid not null,
  number integer not null,
  sealed text not null,
  constraint import_chunks_pkey PRIMARY KEY (school_id, import_id, number),
  constraint import_chunks_school_id_import_id_fkey FOREIGN KEY (school_id, import_id) REFERENCES imports(school_id, id) ON DELETE CASCADE
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- One row each of the file and of the students it does not name. Kept for as long as the import can be undone.
-- sealed: JSON of what the row says, sealed.
-- sealed_before: JSON of what was there before in the fields that were changed, sealed.
table import_rows (
  school_id uuid not null,
  import_id uuid not null,
  number integer not null,
  in_file boolean not null,
  student_number text,
  student_id uuid,
  sealed text,
  faults json,
  action text,
  fields text[] not null default '{}'::text[],
  status_from text,
  status_to text,
  department text,
  email text,
  status_word text,
  version_seen integer,
  version_after integer,
  sealed_before text,
  outcome text not null default 'planned'::text,
  undone text,
  constraint import_rows_pkey PRIMARY KEY (school_id, import_id, number),
  constraint import_rows_school_id_import_id_fkey FOREIGN KEY (school_id, import_id) REFERENCES imports(school_id, id) ON DELETE CASCADE,
  constraint import_rows_action_check CHECK ((action = ANY (ARRAY['make'::text, 'change'::text, 'none'::text, 'refuse'::text, 'inactivate'::text, 'archive'::text]))),
  constraint import_rows_outcome_check CHECK ((outcome = ANY (ARRAY['planned'::text, 'done'::text, 'passed_over'::text]))),
  constraint import_rows_undone_check CHECK ((undone = ANY (ARRAY['restored'::text, 'archived'::text, 'kept'::text])))
);
-- forced row-level security
CREATE INDEX import_rows_action ON public.import_rows USING btree (school_id, import_id, action, number);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- OneRoster services that a school's students are read from.
-- apply_alone: A dry run that no threshold stops is applied without anybody looking.
table import_sources (
  id uuid not null,
  school_id uuid not null,
  name text not null,
  oneroster text not null,
  base_url text not null,
  token_url text not null,
  client_id text not null,
  sealed_secret text not null,
  mapping json not null,
  stop json not null,
  cron text,
  apply_alone boolean not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint import_sources_pkey PRIMARY KEY (school_id, id),
  constraint import_sources_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint import_sources_base_url_check CHECK ((length(base_url) <= 500)),
  constraint import_sources_client_id_check CHECK ((length(client_id) <= 300)),
  constraint import_sources_cron_check CHECK ((length(cron) <= 100)),
  constraint import_sources_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  constraint import_sources_oneroster_check CHECK ((oneroster = ANY (ARRAY['1.1'::text, '1.2'::text]))),
  constraint import_sources_token_url_check CHECK ((length(token_url) <= 500))
);
-- forced row-level security
CREATE UNIQUE INDEX import_sources_name ON public.import_sources USING btree (school_id, lower(name));
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- written: How a file is packed, encoded and separated.
-- held: More students would be hurt than `stop` allows: it waits for a person who says their number.
table imports (
  id uuid not null,
  school_id uuid not null,
  source_id uuid,
  kind text not null,
  name text not null,
  state text not null,
  bytes bigint not null default 0,
  written json,
  headings json not null default '[]'::json,
  mapping json not null,
  stop json not null,
  plan json,
  held boolean not null default false,
  outcome json,
  undo json,
  problem text,
  failed_in text,
  job_id uuid,
  done integer not null default 0,
  total integer,
  made_by uuid,
  made_by_name text,
  made_at timestamp with time zone not null,
  planned_at timestamp with time zone,
  applied_at timestamp with time zone,
  undone_at timestamp with time zone,
  version integer not null default 1,
  constraint imports_pkey PRIMARY KEY (school_id, id),
  constraint imports_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint imports_school_id_source_id_fkey FOREIGN KEY (school_id, source_id) REFERENCES import_sources(school_id, id) ON DELETE SET NULL (source_id),
  constraint imports_failed_in_check CHECK ((failed_in = ANY (ARRAY['planning'::text, 'applying'::text, 'undoing'::text]))),
  constraint imports_kind_check CHECK ((kind = ANY (ARRAY['csv'::text, 'oneroster_csv'::text, 'oneroster_rest'::text]))),
  constraint imports_made_by_name_check CHECK ((length(made_by_name) <= 300)),
  constraint imports_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint imports_problem_check CHECK ((length(problem) <= 1000)),
  constraint imports_state_check CHECK ((state = ANY (ARRAY['uploading'::text, 'uploaded'::text, 'planning'::text, 'planned'::text, 'applying'::text, 'applied'::text, 'undoing'::text, 'undone'::text, 'cancelled'::text, 'failed'::text])))
);
-- forced row-level security
CREATE INDEX imports_newest ON public.imports USING btree (school_id, made_at DESC, id DESC);
CREATE INDEX imports_source ON public.imports USING btree (school_id, source_id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- code_hash: Keyed hash of the code or of the link's token.
-- sealed_code: Of a printed code, for a day: what is not on paper by then is made anew.
-- ended_at: Somebody took it back, or a newer one took its place.
table invitations (
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  batch_id uuid not null,
  way text not null,
  code_hash text not null,
  sealed_code text,
  tries_left integer not null default 5,
  to_address text,
  made_by uuid,
  made_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  claimed_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint invitations_batch_id_student_id_key UNIQUE (batch_id, student_id),
  constraint invitations_code_hash_key UNIQUE (code_hash),
  constraint invitations_school_id_id_key UNIQUE (school_id, id),
  constraint invitations_pkey PRIMARY KEY (id),
  constraint invitations_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint invitations_school_id_made_by_fkey FOREIGN KEY (school_id, made_by) REFERENCES users(school_id, id) ON DELETE SET NULL (made_by),
  constraint invitations_school_id_student_id_fkey FOREIGN KEY (school_id, student_id) REFERENCES students(school_id, id),
  constraint invitations_check CHECK (((claimed_at IS NULL) OR (ended_at IS NULL))),
  constraint invitations_code_hash_check CHECK ((code_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint invitations_to_address_check CHECK ((length(to_address) <= 254)),
  constraint invitations_tries_left_check CHECK ((tries_left >= 0)),
  constraint invitations_way_check CHECK ((way = ANY (ARRAY['mail'::text, 'print'::text])))
);
-- forced row-level security
CREATE INDEX invitations_batch ON public.invitations USING btree (school_id, batch_id);
CREATE INDEX invitations_newest ON public.invitations USING btree (school_id, made_at DESC, id DESC);
CREATE INDEX invitations_student ON public.invitations USING btree (school_id, student_id);
policy finds_invitation for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- Written in the transaction that wants it done, and kept in step with the queue. Rows without a school are the installation's.
-- key: Of the jobs of a kind with one key, one at a time is done.
-- tries: How often it was begun. An attempt that was taken over by another changes nothing any more: it says which try it is.
-- done: Of `total`; without a total, a count that grows.
-- error: Why the last try failed, also while it waits for the next.
-- give_up_at: Where a kind is tried for so long and not so often: after this it is not tried again.
table jobs (
  id uuid not null,
  school_id uuid,
  kind text not null,
  title text not null,
  key text,
  body json not null,
  state text not null,
  tries integer not null default 0,
  done bigint not null default 0,
  total bigint,
  words text,
  result json,
  error text,
  made_by uuid,
  made_at timestamp with time zone not null,
  run_after timestamp with time zone not null,
  give_up_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  cancel_asked_at timestamp with time zone,
  constraint jobs_school_id_id_key UNIQUE (school_id, id),
  constraint jobs_pkey PRIMARY KEY (id),
  constraint jobs_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint jobs_school_id_made_by_fkey FOREIGN KEY (school_id, made_by) REFERENCES users(school_id, id) ON DELETE SET NULL (made_by),
  constraint jobs_body_check CHECK ((octet_length((body)::text) <= 2000000)),
  constraint jobs_check CHECK (((ended_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'failed'::text, 'cancelled'::text])))),
  constraint jobs_error_check CHECK ((length(error) <= 1000)),
  constraint jobs_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint jobs_kind_check CHECK ((kind ~ '^[a-z_]{1,40}$'::text)),
  constraint jobs_result_check CHECK ((octet_length((result)::text) <= 200000)),
  constraint jobs_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
  constraint jobs_title_check CHECK (((length(title) >= 1) AND (length(title) <= 300))),
  constraint jobs_words_check CHECK ((length(words) <= 300))
);
-- forced row-level security
CREATE INDEX jobs_newest ON public.jobs USING btree (school_id, made_at DESC, id DESC);
CREATE INDEX jobs_over ON public.jobs USING btree (ended_at) WHERE (state = ANY (ARRAY['done'::text, 'cancelled'::text]));
CREATE INDEX jobs_state ON public.jobs USING btree (school_id, state, made_at DESC, id DESC);
policy counts for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- version: The newest version that names the file; it goes when that version is no longer kept.
table list_files (
  school_id uuid not null,
  scope text not null,
  sha256 text not null,
  version integer not null,
  content bytea not null,
  constraint list_files_pkey PRIMARY KEY (school_id, scope, sha256),
  constraint list_files_school_id_scope_fkey FOREIGN KEY (school_id, scope) REFERENCES scopes(school_id, scope),
  constraint list_files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- held: Losses that wait: id of the row to its pass and what it was measured to become, null for gone.
table list_holds (
  id uuid not null,
  school_id uuid not null,
  scope text not null,
  made_at timestamp with time zone not null,
  content_hash text not null,
  held json not null,
  rules json,
  numbers json not null,
  approved_by uuid,
  approved_at timestamp with time zone,
  note text,
  closed_at timestamp with time zone,
  constraint list_holds_pkey PRIMARY KEY (school_id, id),
  constraint list_holds_school_id_scope_fkey FOREIGN KEY (school_id, scope) REFERENCES scopes(school_id, scope),
  constraint list_holds_content_hash_check CHECK ((content_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint list_holds_note_check CHECK ((length(note) <= 500))
);
-- forced row-level security
CREATE UNIQUE INDEX list_holds_open ON public.list_holds USING btree (school_id, scope) WHERE (closed_at IS NULL);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- head: What a head says besides its two dates; it is signed anew every minute.
table list_versions (
  school_id uuid not null,
  scope text not null,
  version integer not null,
  issued_at timestamp with time zone not null,
  head json not null,
  policy_jws text not null,
  delta_hash text not null,
  delta_jws text not null,
  constraint list_versions_pkey PRIMARY KEY (school_id, scope, version),
  constraint list_versions_school_id_scope_fkey FOREIGN KEY (school_id, scope) REFERENCES scopes(school_id, scope),
  constraint list_versions_delta_hash_check CHECK ((delta_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint list_versions_version_check CHECK ((version >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Thirty days; what a mail says goes when it was sent, since links in it open accounts.
-- body: Text and HTML; null once it was sent.
-- state: kept: there is no mail server; the dashboard shows it instead.
-- answer: The mail server's last words.
table mails (
  id uuid not null,
  school_id uuid,
  job_id uuid,
  template text not null,
  language text not null,
  to_address text not null,
  to_name text,
  subject text not null,
  body json,
  state text not null,
  answer text,
  made_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint mails_school_id_id_key UNIQUE (school_id, id),
  constraint mails_pkey PRIMARY KEY (id),
  constraint mails_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint mails_answer_check CHECK ((length(answer) <= 1000)),
  constraint mails_body_check CHECK ((octet_length((body)::text) <= 100000)),
  constraint mails_check CHECK (((ended_at IS NOT NULL) = (state <> 'waiting'::text))),
  constraint mails_language_check CHECK ((language = ANY (ARRAY['en'::text, 'nl'::text]))),
  constraint mails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text, 'kept'::text]))),
  constraint mails_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 300))),
  constraint mails_template_check CHECK ((template ~ '^[a-z_]{1,40}$'::text)),
  constraint mails_to_address_check CHECK (((length(to_address) >= 3) AND (length(to_address) <= 254))),
  constraint mails_to_name_check CHECK ((length(to_name) <= 300))
);
-- forced row-level security
CREATE INDEX mails_newest ON public.mails USING btree (school_id, made_at DESC, id DESC);
CREATE INDEX mails_old ON public.mails USING btree (made_at);
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;

table notification_settings (
  school_id uuid not null,
  user_id uuid not null,
  quiet_from text,
  quiet_to text,
  sealed_sms_number text,
  sms_ending text,
  constraint notification_settings_pkey PRIMARY KEY (school_id, user_id),
  constraint notification_settings_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint notification_settings_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint notification_settings_check CHECK (((quiet_from IS NULL) = (quiet_to IS NULL))),
  constraint notification_settings_check1 CHECK (((sealed_sms_number IS NULL) = (sms_ending IS NULL))),
  constraint notification_settings_quiet_from_check CHECK ((quiet_from ~ '^\d\d:\d\d$'::text)),
  constraint notification_settings_quiet_to_check CHECK ((quiet_to ~ '^\d\d:\d\d$'::text)),
  constraint notification_settings_sms_ending_check CHECK ((length(sms_ending) <= 20))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table notification_wishes (
  school_id uuid not null,
  user_id uuid not null,
  kind text not null,
  channel text not null,
  wish text not null,
  constraint notification_wishes_pkey PRIMARY KEY (school_id, user_id, kind, channel),
  constraint notification_wishes_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint notification_wishes_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint notification_wishes_channel_check CHECK ((channel = ANY (ARRAY['inbox'::text, 'email'::text, 'push'::text, 'sms'::text]))),
  constraint notification_wishes_kind_check CHECK ((kind ~ '^[a-z_]{1,40}$'::text)),
  constraint notification_wishes_wish_check CHECK ((wish = ANY (ARRAY['now'::text, 'daily'::text, 'off'::text])))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Ninety days. What was told to a student without an account has no user; it went by mail.
-- student_id: Whose data it tells of, also where somebody else is told.
-- facts: Text by name, for the words in `mail/templates`.
table notifications (
  id uuid not null,
  school_id uuid not null,
  kind text not null,
  user_id uuid,
  student_id uuid,
  facts json not null,
  path text not null,
  in_inbox boolean not null,
  made_at timestamp with time zone not null default now(),
  read_at timestamp with time zone,
  constraint notifications_school_id_id_key UNIQUE (school_id, id),
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint notifications_school_id_student_id_fkey FOREIGN KEY (school_id, student_id) REFERENCES students(school_id, id),
  constraint notifications_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint notifications_check CHECK (((user_id IS NOT NULL) OR (student_id IS NOT NULL))),
  constraint notifications_facts_check CHECK ((octet_length((facts)::text) <= 10000)),
  constraint notifications_kind_check CHECK ((kind ~ '^[a-z_]{1,40}$'::text)),
  constraint notifications_path_check CHECK (((path ~ '^/'::text) AND (length(path) <= 300)))
);
-- forced row-level security
CREATE INDEX notifications_inbox ON public.notifications USING btree (school_id, user_id, made_at DESC, id DESC) WHERE in_inbox;
CREATE INDEX notifications_old ON public.notifications USING btree (school_id, made_at);
CREATE INDEX notifications_student ON public.notifications USING btree (school_id, student_id) WHERE (student_id IS NOT NULL);
CREATE INDEX notifications_unread ON public.notifications USING btree (school_id, user_id) WHERE (in_inbox AND (read_at IS NULL));
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table one_time_tokens (
  hash text not null,
  school_id uuid,
  user_id uuid,
  purpose text not null,
  facts json not null,
  tries_left integer not null default 1,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint one_time_tokens_pkey PRIMARY KEY (hash),
  constraint one_time_tokens_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint one_time_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint one_time_tokens_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint one_time_tokens_purpose_check CHECK ((purpose = ANY (ARRAY['second_factor'::text, 'password_reset'::text, 'passkey_new'::text, 'passkey_sign_in'::text, 'sign_on'::text, 'setup'::text]))),
  constraint one_time_tokens_tries_left_check CHECK (((tries_left >= 0) AND (tries_left <= 10)))
);
-- forced row-level security
CREATE INDEX one_time_tokens_expiry ON public.one_time_tokens USING btree (expires_at);
CREATE INDEX one_time_tokens_user ON public.one_time_tokens USING btree (user_id, purpose);
policy finds_token for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

table outbox (
  id bigint not null generated always as identity,
  school_id uuid,
  kind text not null,
  body json not null,
  created_at timestamp with time zone not null default now(),
  claimed_until timestamp with time zone,
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_kind_check CHECK ((length(kind) <= 40))
);
-- forced row-level security
policy drains for all to gatehouse_definer using true with check true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant delete, select, update to gatehouse_definer;
CREATE TRIGGER outbox_written AFTER INSERT ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();

-- user_id: Null for a super_admin, who is no user of the school.
-- pass_id: Claimed where the code was not proven; perhaps no pass of ours.
-- code_time: The time in a moving code, Unix seconds. What opened for one person is used up for the others.
table pass_checks (
  school_id uuid not null,
  id uuid not null,
  checked_at timestamp with time zone not null,
  user_id uuid,
  gate_id uuid,
  lane text,
  pass_id text,
  code_time bigint,
  proven boolean not null,
  open boolean not null,
  refusal text,
  constraint pass_checks_pkey PRIMARY KEY (school_id, id),
  constraint pass_checks_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint pass_checks_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id)
);
-- forced row-level security
CREATE INDEX pass_checks_newest ON public.pass_checks USING btree (school_id, checked_at DESC, id DESC);
CREATE INDEX pass_checks_pass ON public.pass_checks USING btree (school_id, pass_id, checked_at DESC, id DESC);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select to gatehouse_app;

-- How long a new pass of a kind is valid where nobody says otherwise.
table pass_validity (
  school_id uuid not null,
  class text not null,
  ends text not null,
  last_day date,
  days integer,
  renewal_days integer not null,
  reminder_days integer[] not null,
  version integer not null default 1,
  constraint pass_validity_pkey PRIMARY KEY (school_id, class),
  constraint pass_validity_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint pass_validity_check CHECK (((ends = 'date'::text) = (last_day IS NOT NULL))),
  constraint pass_validity_check1 CHECK (((ends = 'days'::text) = (days IS NOT NULL))),
  constraint pass_validity_class_check CHECK ((class = ANY (ARRAY['student'::text, 'staff'::text, 'contractor'::text, 'visitor'::text, 'vehicle'::text]))),
  constraint pass_validity_days_check CHECK (((days >= 1) AND (days <= 3660))),
  constraint pass_validity_ends_check CHECK ((ends = ANY (ARRAY['date'::text, 'term'::text, 'school_year'::text, 'days'::text]))),
  constraint pass_validity_reminder_days_check CHECK (((array_length(reminder_days, 1) IS NULL) OR (array_length(reminder_days, 1) <= 10))),
  constraint pass_validity_renewal_days_check CHECK (((renewal_days >= 0) AND (renewal_days <= 366)))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- groups: Bit i = gate group i, 0..30.
-- dynamic_only: Printed codes and wallets no longer open; the phone does.
-- changed_by: Who changed last what a list says of it; never the one who lets that change go.
-- revoke_at: The student left or graduated, and keeps it until then: on the list it expires at this time, and then it is revoked.
-- access_level_id: Groups, profile and class follow this level. Null: chosen for this pass alone.
-- escort: Its holder comes with somebody who belongs here.
-- renewed_at: When it was last given a later end: an order of many that is begun again passes it over.
table passes (
  pass_id text not null,
  school_id uuid not null,
  student_id uuid,
  serial bigint not null,
  status text not null,
  suspended_with_student boolean not null default false,
  class text not null,
  not_before timestamp with time zone not null,
  expires timestamp with time zone not null,
  groups integer not null,
  profile integer not null default 0,
  generation integer not null default 0,
  min_generation integer not null default 0,
  revoked_at timestamp with time zone,
  revoked_by uuid,
  note text,
  created_at timestamp with time zone not null,
  dynamic_only boolean not null default false,
  changed_by uuid,
  revoke_at timestamp with time zone,
  access_level_id uuid,
  visitor_id uuid,
  escort boolean not null default false,
  renewed_at timestamp with time zone,
  constraint passes_school_id_serial_key UNIQUE (school_id, serial),
  constraint passes_pkey PRIMARY KEY (school_id, pass_id),
  constraint passes_school_id_access_level_id_fkey FOREIGN KEY (school_id, access_level_id) REFERENCES access_levels(school_id, id),
  constraint passes_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint passes_school_id_revoked_by_fkey FOREIGN KEY (school_id, revoked_by) REFERENCES users(school_id, id),
  constraint passes_school_id_student_id_fkey FOREIGN KEY (school_id, student_id) REFERENCES students(school_id, id),
  constraint passes_school_id_visitor_id_fkey FOREIGN KEY (school_id, visitor_id) REFERENCES visitors(school_id, id),
  constraint passes_check CHECK ((expires > not_before)),
  constraint passes_check1 CHECK (((status = 'revoked'::text) = (revoked_at IS NOT NULL))),
  constraint passes_class_check CHECK ((class = ANY (ARRAY['student'::text, 'staff'::text, 'contractor'::text, 'visitor'::text, 'vehicle'::text]))),
  constraint passes_generation_check CHECK (((generation >= 0) AND (generation <= 65535))),
  constraint passes_groups_check CHECK ((groups > 0)),
  constraint passes_min_generation_check CHECK (((min_generation >= 0) AND (min_generation <= 65535))),
  constraint passes_one_holder CHECK ((num_nonnulls(student_id, visitor_id) = 1)),
  constraint passes_pass_id_check CHECK ((pass_id ~ '^[0-9a-f]{16}$'::text)),
  constraint passes_profile_check CHECK (((profile >= 0) AND (profile <= 255))),
  constraint passes_serial_check CHECK (((serial >= 1) AND (serial <= '4294967295'::bigint))),
  constraint passes_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'revoked'::text, 'lost'::text])))
);
-- forced row-level security
CREATE INDEX passes_access_level ON public.passes USING btree (school_id, access_level_id) WHERE (access_level_id IS NOT NULL);
CREATE INDEX passes_active ON public.passes USING btree (student_id) WHERE (status = 'active'::text);
CREATE INDEX passes_holder ON public.passes USING btree (school_id, student_id);
CREATE INDEX passes_revoke_at ON public.passes USING btree (school_id, revoke_at) WHERE (revoke_at IS NOT NULL);
CREATE INDEX passes_status ON public.passes USING btree (school_id, status, expires);
CREATE INDEX passes_visitor ON public.passes USING btree (school_id, visitor_id) WHERE (visitor_id IS NOT NULL);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table passkeys (
  credential_id text not null,
  id uuid not null,
  school_id uuid,
  user_id uuid not null,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  backed_up boolean not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint passkeys_id_key UNIQUE (id),
  constraint passkeys_pkey PRIMARY KEY (credential_id),
  constraint passkeys_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint passkeys_counter_check CHECK ((counter >= 0)),
  constraint passkeys_credential_id_check CHECK (((length(credential_id) <= 1400) AND (credential_id ~ '^[A-Za-z0-9_-]+$'::text))),
  constraint passkeys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);
-- forced row-level security
CREATE INDEX passkeys_user ON public.passkeys USING btree (user_id);
policy finds_passkey for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- Hours of the week that passes name by number; 0 is always and has no row. In the signed policy of every list.
table profiles (
  school_id uuid not null,
  number integer not null,
  name text not null,
  windows json not null,
  on_holidays json not null,
  version integer not null default 1,
  constraint profiles_pkey PRIMARY KEY (school_id, number),
  constraint profiles_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint profiles_name_check CHECK ((length(name) <= 100)),
  constraint profiles_number_check CHECK (((number >= 1) AND (number <= 255)))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- The installation's own (VAPID, RFC 8292), made once: browsers subscribed with it.
table push_keys (
  id integer not null,
  public_key text not null,
  sealed_private text not null,
  made_at timestamp with time zone not null default now(),
  constraint push_keys_pkey PRIMARY KEY (id),
  constraint push_keys_id_check CHECK ((id = 1)),
  constraint push_keys_public_key_check CHECK ((length(public_key) = 87))
);
-- no row-level security
grant insert, select to gatehouse_app;

-- sealed_subscription: Address and keys of the browser, as JSON: who has them can write to it.
table push_subscriptions (
  id uuid not null,
  school_id uuid not null,
  user_id uuid not null,
  session_id uuid not null,
  sealed_subscription text not null,
  made_at timestamp with time zone not null,
  constraint push_subscriptions_school_id_id_key UNIQUE (school_id, id),
  constraint push_subscriptions_session_id_key UNIQUE (session_id),
  constraint push_subscriptions_pkey PRIMARY KEY (id),
  constraint push_subscriptions_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint push_subscriptions_school_id_session_id_fkey FOREIGN KEY (school_id, session_id) REFERENCES sessions(school_id, id) ON DELETE CASCADE,
  constraint push_subscriptions_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id)
);
-- forced row-level security
CREATE INDEX push_subscriptions_user ON public.push_subscriptions USING btree (school_id, user_id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- hash: Keyed: a code is short enough to be guessed from a plain hash.
table recovery_codes (
  user_id uuid not null,
  school_id uuid,
  hash text not null,
  used_at timestamp with time zone,
  constraint recovery_codes_pkey PRIMARY KEY (user_id, hash),
  constraint recovery_codes_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint recovery_codes_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text))
);
-- forced row-level security
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;

table refresh_tokens (
  hash text not null,
  school_id uuid,
  session_id uuid not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint refresh_tokens_pkey PRIMARY KEY (hash),
  constraint refresh_tokens_school_id_session_id_fkey FOREIGN KEY (school_id, session_id) REFERENCES sessions(school_id, id),
  constraint refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE,
  constraint refresh_tokens_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text))
);
-- forced row-level security
CREATE INDEX refresh_tokens_session ON public.refresh_tokens USING btree (session_id);
policy finds_refresh for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- days: Days by kind, where they are not the service's own.
table retention (
  school_id uuid not null,
  version integer not null default 1,
  days json not null,
  changed_at timestamp with time zone not null,
  constraint retention_pkey PRIMARY KEY (school_id),
  constraint retention_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint retention_version_check CHECK ((version >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant insert, select, update to gatehouse_app;

table schema_migrations (
  number integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (number)
);
-- no row-level security
grant select to gatehouse_app;

-- pass_serial_last: Serial of the last pass. Its row is locked from the issue to the commit, so no serial is committed after a list whose serialMax is as high.
-- country: ISO 3166-1 alpha-2: how a phone number without + is read. Null: it must begin with +.
-- student_number_pattern: Null: letters, digits and hyphens, 3 to 50.
-- grace_days_inactive: So many days after a student left the passes still open; 0: revoked at once.
-- claim_checks: What a student must know beside the code.
table schools (
  id uuid not null,
  name text not null,
  tenant text not null,
  time_zone text not null,
  pass_serial_last bigint not null default 0,
  created_at timestamp with time zone not null default now(),
  country text,
  student_number_pattern text,
  grace_days_inactive integer not null default 0,
  grace_days_graduated integer not null default 0,
  version integer not null default 1,
  updated_at timestamp with time zone not null default now(),
  language text not null default 'en'::text,
  claim_checks text[] not null default '{student_number}'::text[],
  deactivated_at timestamp with time zone,
  constraint schools_tenant_key UNIQUE (tenant),
  constraint schools_pkey PRIMARY KEY (id),
  constraint schools_claim_checks_check CHECK ((claim_checks <@ ARRAY['student_number'::text, 'birth_date'::text])),
  constraint schools_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
  constraint schools_grace_days_graduated_check CHECK (((grace_days_graduated >= 0) AND (grace_days_graduated <= 365))),
  constraint schools_grace_days_inactive_check CHECK (((grace_days_inactive >= 0) AND (grace_days_inactive <= 365))),
  constraint schools_language_check CHECK ((language = ANY (ARRAY['en'::text, 'nl'::text]))),
  constraint schools_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint schools_pass_serial_last_check CHECK (((pass_serial_last >= 0) AND (pass_serial_last <= '4294967295'::bigint))),
  constraint schools_student_number_pattern_check CHECK (((length(student_number_pattern) >= 1) AND (length(student_number_pattern) <= 200))),
  constraint schools_tenant_check CHECK ((tenant ~ '^[a-z0-9-]{3,36}$'::text))
);
-- forced row-level security
policy finds_school for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using (id = current_school()) with check (id = current_school());
grant insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

table scim_links (
  school_id uuid not null,
  user_id uuid not null,
  external_id text,
  version integer not null default 1,
  updated_at timestamp with time zone not null,
  constraint scim_links_pkey PRIMARY KEY (school_id, user_id),
  constraint scim_links_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id) ON DELETE CASCADE,
  constraint scim_links_external_id_check CHECK ((length(external_id) <= 300))
);
-- forced row-level security
CREATE UNIQUE INDEX scim_links_external ON public.scim_links USING btree (school_id, external_id) WHERE (external_id IS NOT NULL);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- Gates that share one list. The card secret makes fingerprints and mints nothing.
-- sealed_totp_secret: Made when it is first needed. Gates of the scope are told it when they enrol; it turns codes and mints nothing.
table scopes (
  school_id uuid not null,
  scope text not null,
  sealed_card_secret text not null,
  sealed_totp_secret text,
  constraint scopes_pkey PRIMARY KEY (school_id, scope),
  constraint scopes_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint scopes_scope_check CHECK ((scope ~ '^[a-z0-9-]{1,36}$'::text))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

table session_keys (
  kid text not null,
  public_jwk json not null,
  sealed_private text not null,
  created_at timestamp with time zone not null default now(),
  constraint session_keys_pkey PRIMARY KEY (kid)
);
-- no row-level security
grant insert, select to gatehouse_app;

-- A family of refresh tokens: one sign-in of one person.
-- device_hash: Of the browser's own cookie: tells whether this person signed in from it before.
table sessions (
  id uuid not null,
  school_id uuid,
  user_id uuid not null,
  remember boolean not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_why text,
  method text not null default 'password'::text,
  second_factor text,
  address text,
  user_agent text,
  device_hash text,
  constraint sessions_school_id_id_key UNIQUE (school_id, id),
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint sessions_address_check CHECK ((length(address) <= 64)),
  constraint sessions_device_hash_check CHECK ((device_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint sessions_method_check CHECK ((method = ANY (ARRAY['password'::text, 'passkey'::text, 'sign_on'::text]))),
  constraint sessions_second_factor_check CHECK ((second_factor = ANY (ARRAY['totp'::text, 'recovery'::text, 'passkey'::text]))),
  constraint sessions_user_agent_check CHECK ((length(user_agent) <= 400))
);
-- forced row-level security
CREATE INDEX sessions_place ON public.sessions USING btree (user_id, created_at DESC);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id) WHERE (ended_at IS NULL);
policy finds_session for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- sign_on: The school's OpenID Connect issuer and what its claims mean here. Null: there is none.
table sign_in_rules (
  school_id uuid not null,
  version integer not null default 1,
  second_factor_for text[] not null default '{}'::text[],
  sign_on json,
  sealed_client_secret text,
  constraint sign_in_rules_pkey PRIMARY KEY (school_id),
  constraint sign_in_rules_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint sign_in_rules_check CHECK (((sign_on IS NULL) OR (sealed_client_secret IS NOT NULL)))
);
-- forced row-level security
policy finds_rules for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- Whom an issuer means. An e-mail address can be given to the next person there; a subject cannot.
table sign_on_subjects (
  school_id uuid not null,
  issuer text not null,
  subject text not null,
  user_id uuid not null,
  created_at timestamp with time zone not null,
  constraint sign_on_subjects_pkey PRIMARY KEY (school_id, issuer, subject),
  constraint sign_on_subjects_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint sign_on_subjects_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint sign_on_subjects_issuer_check CHECK ((length(issuer) <= 500)),
  constraint sign_on_subjects_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);
-- forced row-level security
CREATE UNIQUE INDEX sign_on_subjects_user ON public.sign_on_subjects USING btree (school_id, issuer, user_id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- bundled: The published bundle has it. Any other is a draft, and signs nothing once there is a bundle.
table signing_keys (
  school_id uuid not null,
  use text not null,
  number integer not null,
  kid text not null,
  public_jwk json not null,
  sealed_private text not null,
  created_at timestamp with time zone not null default now(),
  not_before timestamp with time zone not null,
  expires timestamp with time zone not null,
  revoked_at timestamp with time zone,
  bundled boolean not null default false,
  constraint signing_keys_kid_key UNIQUE (kid),
  constraint signing_keys_pkey PRIMARY KEY (school_id, use, number),
  constraint signing_keys_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint signing_keys_dates_check CHECK ((not_before < expires)),
  constraint signing_keys_number_check CHECK (((number >= 0) AND (number <= 255))),
  constraint signing_keys_use_check CHECK ((use = ANY (ARRAY['pass'::text, 'list'::text, 'policy'::text, 'ack'::text, 'command'::text])))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- The photo that a guard sees beside a pass.
table student_photos (
  school_id uuid not null,
  student_id uuid not null,
  file_id uuid not null,
  since timestamp with time zone not null,
  constraint student_photos_pkey PRIMARY KEY (school_id, student_id),
  constraint student_photos_school_id_file_id_fkey FOREIGN KEY (school_id, file_id) REFERENCES files(school_id, id) ON DELETE CASCADE,
  constraint student_photos_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint student_photos_school_id_student_id_fkey FOREIGN KEY (school_id, student_id) REFERENCES students(school_id, id)
);
-- forced row-level security
CREATE INDEX student_photos_file ON public.student_photos USING btree (school_id, file_id);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- search_text: Names, last name first, number and e-mail folded for search: no case, no accents, a blank before each word.
-- sealed_personal: JSON of birth date, phone, private e-mail and address, sealed in its row. Null: none of them is known.
-- person_index: Keyed hash of folded name and birth date: two of one person are found by it.
-- merged_into: Archived because it was the same person: this one has the passes now.
table students (
  id uuid not null,
  school_id uuid not null,
  user_id uuid,
  student_number text not null,
  first_name text not null,
  last_name text not null,
  email text,
  status text not null,
  search_text text not null,
  archived_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  department_id uuid,
  enrolled_on date,
  sealed_personal text,
  sealed_notes text,
  person_index text,
  phone_index text,
  private_email_index text,
  merged_into uuid,
  version integer not null default 1,
  constraint students_school_id_id_key UNIQUE (school_id, id),
  constraint students_pkey PRIMARY KEY (id),
  constraint students_school_id_department_id_fkey FOREIGN KEY (school_id, department_id) REFERENCES departments(school_id, id),
  constraint students_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint students_school_id_merged_into_fkey FOREIGN KEY (school_id, merged_into) REFERENCES students(school_id, id),
  constraint students_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint students_person_index_check CHECK ((person_index ~ '^[0-9a-f]{64}$'::text)),
  constraint students_phone_index_check CHECK ((phone_index ~ '^[0-9a-f]{64}$'::text)),
  constraint students_private_email_index_check CHECK ((private_email_index ~ '^[0-9a-f]{64}$'::text)),
  constraint students_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'graduated'::text, 'suspended'::text]))),
  constraint students_student_number_check CHECK (((length(student_number) >= 1) AND (length(student_number) <= 50)))
);
-- forced row-level security
CREATE UNIQUE INDEX students_account ON public.students USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX students_created ON public.students USING btree (school_id, created_at, id) WHERE (archived_at IS NULL);
CREATE INDEX students_department ON public.students USING btree (school_id, department_id) WHERE (archived_at IS NULL);
CREATE UNIQUE INDEX students_email ON public.students USING btree (school_id, lower(email)) WHERE ((archived_at IS NULL) AND (email IS NOT NULL));
CREATE INDEX students_last_name ON public.students USING btree (school_id, search_text text_pattern_ops) WHERE (archived_at IS NULL);
CREATE INDEX students_living ON public.students USING btree (school_id, id) WHERE (archived_at IS NULL);
CREATE INDEX students_merged ON public.students USING btree (school_id, merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX students_name ON public.students USING btree (school_id, lower(last_name), lower(first_name), id) WHERE (archived_at IS NULL);
CREATE UNIQUE INDEX students_number ON public.students USING btree (school_id, student_number) WHERE (archived_at IS NULL);
CREATE INDEX students_person ON public.students USING btree (school_id, person_index) WHERE (person_index IS NOT NULL);
CREATE INDEX students_phone ON public.students USING btree (school_id, phone_index) WHERE (phone_index IS NOT NULL);
CREATE INDEX students_private_email ON public.students USING btree (school_id, private_email_index) WHERE (private_email_index IS NOT NULL);
CREATE INDEX students_search ON public.students USING gin (search_text gin_trgm_ops);
CREATE INDEX students_status ON public.students USING btree (school_id, status) WHERE (archived_at IS NULL);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
policy searches for select to gatehouse_definer using true;
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- external_id: sourcedId of the academic session it came from; null: entered by hand.
table terms (
  id uuid not null,
  school_id uuid not null,
  name text not null,
  kind text not null,
  first_day date not null,
  last_day date not null,
  external_id text,
  version integer not null default 1,
  constraint terms_pkey PRIMARY KEY (school_id, id),
  constraint terms_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint terms_check CHECK ((last_day >= first_day)),
  constraint terms_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
  constraint terms_kind_check CHECK ((kind = ANY (ARRAY['term'::text, 'school_year'::text]))),
  constraint terms_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);
-- forced row-level security
CREATE INDEX terms_days ON public.terms USING btree (school_id, kind, first_day);
CREATE UNIQUE INDEX terms_external ON public.terms USING btree (school_id, external_id) WHERE (external_id IS NOT NULL);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- last_step: Of the last code that was taken: no code serves twice, and none before it.
-- confirmed_at: Null until the first code: a secret that no application has is no factor.
table totp_factors (
  user_id uuid not null,
  school_id uuid,
  sealed_secret text not null,
  last_step bigint not null default 0,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  constraint totp_factors_pkey PRIMARY KEY (user_id),
  constraint totp_factors_school_id_user_id_fkey FOREIGN KEY (school_id, user_id) REFERENCES users(school_id, id),
  constraint totp_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint totp_factors_last_step_check CHECK ((last_step >= 0))
);
-- forced row-level security
policy finds_factor for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- Every bundle that was published: the newest is in force, the others lead old gates to it.
table trust_bundles (
  school_id uuid not null,
  version integer not null,
  epoch integer not null,
  jws json not null,
  created_at timestamp with time zone not null default now(),
  constraint trust_bundles_pkey PRIMARY KEY (school_id, version),
  constraint trust_bundles_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint trust_bundles_epoch_check CHECK ((epoch >= 1)),
  constraint trust_bundles_version_check CHECK ((version >= 1))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select to gatehouse_app;

-- language: Null: the school's.
-- signed_in_at: When last; null: never.
-- deleted_at: Never active again, and its address is free: it stands for what the person did.
-- deactivated_with_school: Was active when the school was deactivated, and is again when that ends.
-- search_text: Name and address folded for search.
table users (
  id uuid not null,
  school_id uuid,
  email text not null,
  display_name text not null,
  role text not null,
  password_hash text not null,
  active boolean not null default true,
  created_at timestamp with time zone not null default now(),
  grants text[] not null default '{}'::text[],
  language text,
  signed_in_at timestamp with time zone,
  version integer not null default 1,
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  deactivated_with_school boolean not null default false,
  search_text text not null default replace(replace(replace(replace(translate(lower(regexp_replace(NORMALIZE(((display_name || ' '::text) || email), NFKD), '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0981-\u0983\u09bc\u09be-\u09cd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f]'::text, ''::text, 'g'::text)), 'ØøŁłĐđÐðıÆŒÞẞΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ'::text, 'oollddddiæœþßαβγδεζηθικλμνξοπρστυφχψωђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'::text), 'ß'::text, 'ss'::text), 'æ'::text, 'ae'::text), 'œ'::text, 'oe'::text), 'þ'::text, 'th'::text),
  constraint users_school_id_id_key UNIQUE (school_id, id),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint users_check CHECK (((role = 'super_admin'::text) = (school_id IS NULL))),
  constraint users_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
  constraint users_grants_check CHECK ((grants <@ ARRAY['pii:read'::text, 'application:decide'::text])),
  constraint users_language_check CHECK ((language = ANY (ARRAY['en'::text, 'nl'::text]))),
  constraint users_role_check CHECK ((role = ANY (ARRAY['super_admin'::text, 'school_admin'::text, 'staff'::text, 'security'::text, 'facilities'::text, 'student'::text])))
);
-- forced row-level security
CREATE UNIQUE INDEX users_email ON public.users USING btree (school_id, lower(email)) NULLS NOT DISTINCT;
CREATE INDEX users_login ON public.users USING btree (lower(email));
CREATE INDEX users_search ON public.users USING gin (search_text gin_trgm_ops);
policy finds_login for select to gatehouse_definer using true;
policy own_school for all to gatehouse_app using ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL))) with check ((school_id = current_school()) OR ((school_id IS NULL) AND (current_school() IS NULL)));
grant delete, insert, select, update to gatehouse_app;
grant select to gatehouse_definer;

-- Each day on which a gate let a visitor in, the first time it did; the host was told in the same transaction.
-- day: Of the school's calendar.
-- left_at: A gate let them out. Null again when they come back.
table visitor_arrivals (
  school_id uuid not null,
  pass_id text not null,
  day text not null,
  visitor_id uuid not null,
  gate_id uuid not null,
  arrived_at timestamp with time zone not null,
  left_at timestamp with time zone,
  constraint visitor_arrivals_pkey PRIMARY KEY (school_id, pass_id, day),
  constraint visitor_arrivals_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint visitor_arrivals_school_id_pass_id_fkey FOREIGN KEY (school_id, pass_id) REFERENCES passes(school_id, pass_id),
  constraint visitor_arrivals_school_id_visitor_id_fkey FOREIGN KEY (school_id, visitor_id) REFERENCES visitors(school_id, id),
  constraint visitor_arrivals_day_check CHECK ((day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'::text))
);
-- forced row-level security
CREATE INDEX visitor_arrivals_visitor ON public.visitor_arrivals USING btree (school_id, visitor_id, day DESC);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

-- sealed_contact: Phone in E.164 and e-mail address, where they were given.
-- host_user_id: Whom they come to see, of the newest visit.
-- archived_at: Forgotten: an empty row stays for the passes.
table visitors (
  id uuid not null,
  school_id uuid not null,
  first_name text not null,
  last_name text not null,
  organisation text,
  sealed_contact text,
  host_user_id uuid not null,
  purpose text,
  search_text text not null,
  created_by uuid,
  version integer not null default 1,
  archived_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint visitors_school_id_id_key UNIQUE (school_id, id),
  constraint visitors_pkey PRIMARY KEY (id),
  constraint visitors_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint visitors_school_id_host_user_id_fkey FOREIGN KEY (school_id, host_user_id) REFERENCES users(school_id, id),
  constraint visitors_first_name_check CHECK (((length(first_name) >= 1) AND (length(first_name) <= 1000))),
  constraint visitors_last_name_check CHECK ((length(last_name) <= 1000)),
  constraint visitors_organisation_check CHECK (((length(organisation) >= 1) AND (length(organisation) <= 1000))),
  constraint visitors_purpose_check CHECK (((length(purpose) >= 1) AND (length(purpose) <= 2000))),
  constraint visitors_version_check CHECK ((version >= 1))
);
-- forced row-level security
CREATE INDEX visitors_host ON public.visitors USING btree (school_id, host_user_id) WHERE (archived_at IS NULL);
CREATE INDEX visitors_newest ON public.visitors USING btree (school_id, created_at DESC, id DESC) WHERE (archived_at IS NULL);
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant insert, select, update to gatehouse_app;

table webhooks (
  id uuid not null,
  school_id uuid not null,
  url text not null,
  kinds text[] not null,
  sealed_secret text not null,
  state text not null,
  failing_since timestamp with time zone,
  made_at timestamp with time zone not null,
  constraint webhooks_school_id_id_key UNIQUE (school_id, id),
  constraint webhooks_pkey PRIMARY KEY (id),
  constraint webhooks_school_id_fkey FOREIGN KEY (school_id) REFERENCES schools(id),
  constraint webhooks_kinds_check CHECK (((cardinality(kinds) >= 1) AND (cardinality(kinds) <= 100))),
  constraint webhooks_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'off'::text]))),
  constraint webhooks_url_check CHECK ((length(url) <= 1000))
);
-- forced row-level security
policy own_school for all to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant delete, insert, select, update to gatehouse_app;

function audit_erase(person uuid, account uuid) returns bigint security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare erased bigint;
begin
  update audit_log set by_name = null, address = null, before = null, after = null, note = null, salt = null
    where school_id = current_school() and salt is not null
      and (student_id = person or (subject_kind = 'student' and subject_id = person::text)
        or (subject_kind = 'user' and subject_id = account::text) or (by_id = account and person is not null)
        or (student_ids @> array[person] and after::text like '%"search"%'));
  get diagnostics erased = row_count;
  return erased;
end

function audit_forget(until timestamp with time zone, how_many integer) returns bigint security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare
  young bigint;
  last record;
  gone bigint;
begin
  -- Who proves the chain at this moment is waited for.
  perform pg_advisory_xact_lock(hashtextextended('audit cut ' || coalesce(current_school()::text, ''), 0));
  perform pg_advisory_xact_lock(hashtextextended('audit ' || coalesce(current_school()::text, ''), 0));
  select min(number) into young from audit_log where school_id is not distinct from current_school() and number is not null and at >= until;
  select number, hash into last from audit_log where school_id is not distinct from current_school() and number is not null
    and (young is null or number < young)
    and number < (select number from audit_chains where school_id is not distinct from current_school())
    and number in (select number from audit_log where school_id is not distinct from current_school() and number is not null order by number limit how_many)
    order by number desc limit 1;
  if last.number is null then return 0; end if;
  perform set_config('app.audit_retention', 'on', true);
  delete from audit_log where school_id is not distinct from current_school() and number <= last.number;
  get diagnostics gone = row_count;
  perform set_config('app.audit_retention', 'off', true);
  insert into audit_checkpoints (school_id, number, hash, rows_gone) values (current_school(), last.number, last.hash, gone);
  return gone;
end

function audit_guard() returns trigger
begin
  if tg_op = 'DELETE' then
    if current_setting('app.audit_retention', true) = 'on' then return old; end if;
    raise exception 'rows of the audit log are not deleted';
  end if;
  if (new.id, new.at, new.by_kind, new.action, new.content_hash) is distinct from (old.id, old.at, old.by_kind, old.action, old.content_hash)
    or (new.school_id, new.by_id, new.by_role, new.session_id, new.request_id) is distinct from (old.school_id, old.by_id, old.by_role, old.session_id, old.request_id)
    or (new.subject_kind, new.subject_id, new.student_id, new.student_ids) is distinct from (old.subject_kind, old.subject_id, old.student_id, old.student_ids)
    or (old.number is not null and (new.number, new.previous_hash, new.hash) is distinct from (old.number, old.previous_hash, old.hash))
  then raise exception 'rows of the audit log are not changed'; end if;
  if (new.by_name, new.address, new.before::text, new.after::text, new.note, new.salt) is distinct from (old.by_name, old.address, old.before::text, old.after::text, old.note, old.salt)
    and not (new.by_name is null and new.address is null and new.before is null and new.after is null and new.note is null and new.salt is null)
  then raise exception 'what a row of the audit log tells is erased whole, or not at all'; end if;
  return new;
end

function audit_seal(how_many integer) returns integer security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare
  chain record;
  entry record;
  last_number bigint;
  last_hash text;
  sealed integer := 0;
begin
  for chain in select distinct audit_log.school_id from audit_log where audit_log.number is null order by 1 limit 100 loop
    perform pg_advisory_xact_lock(hashtextextended('audit ' || coalesce(chain.school_id::text, ''), 0));
    select audit_chains.number, audit_chains.hash into last_number, last_hash
      from audit_chains where audit_chains.school_id is not distinct from chain.school_id for update;
    if not found then last_number := 0; last_hash := repeat('0', 64); end if;
    for entry in select * from audit_log where audit_log.number is null and audit_log.school_id is not distinct from chain.school_id
      order by audit_log.at, audit_log.id limit how_many
    loop
      last_number := last_number + 1;
      update audit_log set number = last_number, previous_hash = last_hash,
        hash = encode(sha256(convert_to(concat_ws(E'\n', 'gatehouse-audit-1', last_hash, last_number::text, entry.id::text,
          coalesce(entry.school_id::text, '-'), to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), entry.by_kind,
          coalesce(entry.by_id::text, '-'), coalesce(to_json(entry.by_role)::text, '-'), coalesce(entry.session_id::text, '-'),
          coalesce(to_json(entry.request_id)::text, '-'), entry.action, coalesce(to_json(entry.subject_kind)::text, '-'),
          coalesce(to_json(entry.subject_id)::text, '-'), coalesce(entry.student_id::text, '-'),
          coalesce(array_to_string(entry.student_ids, ' '), '-'), entry.content_hash), 'UTF8')), 'hex')
        where audit_log.id = entry.id returning audit_log.hash into last_hash;
      sealed := sealed + 1;
    end loop;
    insert into audit_chains (school_id, number, hash) select chain.school_id, last_number, last_hash where last_number > 0
      on conflict (school_id) do update set number = excluded.number, hash = excluded.hash;
  end loop;
  return sealed;
end

function audit_thin(until timestamp with time zone, how_many integer) returns bigint security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare thinned bigint;
begin
  update audit_log set by_name = null, address = null, before = null, after = null, note = null, salt = null
    where id in (select id from audit_log where school_id is not distinct from current_school() and action like 'session.%'
      and at < until and salt is not null order by at limit how_many);
  get diagnostics thinned = row_count;
  return thinned;
end

function count_jobs() returns TABLE(kind text, state text, count integer) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select jobs.kind, jobs.state, count(*)::int from jobs where jobs.state in ('waiting', 'running', 'failed') group by 1, 2

function current_school() returns uuid
select nullif(current_setting('app.school', true), '')::uuid

function events_forget(until timestamp with time zone, how_many integer) returns bigint security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare gone bigint;
begin
  delete from access_events where (gate_id, sequence, event_time) in (
    select gate_id, sequence, event_time from access_events where school_id = current_school() and event_time < until
      order by event_time limit how_many) and school_id = current_school();
  get diagnostics gone = row_count;
  return gone;
end

function events_unlink(person uuid) returns bigint security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare unlinked bigint;
begin
  update access_events set student_id = null where school_id = current_school() and student_id = person;
  get diagnostics unlinked = row_count;
  return unlinked;
end

function find_access_key(wanted text) returns TABLE(key_id uuid, user_id uuid, school_id uuid, role text, grants text[], active boolean, email text, display_name text, scopes text[], expires_at timestamp with time zone, last_used_at timestamp with time zone, school_name text, tenant text, time_zone text) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
#variable_conflict use_column
begin
  return query select access_keys.id, users.id, users.school_id, users.role, users.grants, users.active, users.email, users.display_name,
      access_keys.scopes, access_keys.expires_at, access_keys.last_used_at, schools.name, schools.tenant, schools.time_zone
    from access_keys join users on users.id = access_keys.user_id left join schools on schools.id = users.school_id
    where access_keys.hash = wanted;
end

function find_enrolment_code(wanted text) returns TABLE(code_id uuid, school_id uuid, gate_id uuid) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select id, enrolment_codes.school_id, enrolment_codes.gate_id from enrolment_codes
    where selector = wanted order by created_at desc limit 1

function find_gate(wanted uuid) returns TABLE(gate_id uuid, school_id uuid, tenant text, scope text, short_name text, name text, time_zone text, public_jwk json, broker_secret_hash text) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select gates.id, gates.school_id, schools.tenant, gates.scope, gates.short_name, gates.name, schools.time_zone,
      gates.public_jwk, gates.broker_secret_hash
    from gates join schools on schools.id = gates.school_id where gates.id = wanted

function find_invitation(wanted text) returns TABLE(invitation_id uuid, school_id uuid) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select invitations.id, invitations.school_id from invitations where invitations.code_hash = wanted

function find_logins(wanted text) returns TABLE(user_id uuid, school_id uuid, password_hash text, active boolean, role text, email text, display_name text) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select id, users.school_id, users.password_hash, users.active, users.role, users.email, users.display_name
    from users where lower(users.email) = lower(wanted) order by id limit 5

function find_one_time_token(wanted text) returns TABLE(school_id uuid, user_id uuid, purpose text) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select one_time_tokens.school_id, one_time_tokens.user_id, one_time_tokens.purpose from one_time_tokens where hash = wanted

function find_passkey(wanted text) returns TABLE(school_id uuid, user_id uuid) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select passkeys.school_id, passkeys.user_id from passkeys where credential_id = wanted

function find_refresh(wanted text) returns TABLE(session_id uuid, school_id uuid) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select refresh_tokens.session_id, refresh_tokens.school_id from refresh_tokens where hash = wanted

function find_schools() returns TABLE(id uuid, name text, tenant text, time_zone text) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select schools.id, schools.name, schools.tenant, schools.time_zone from schools order by schools.created_at, schools.id

function find_session(wanted uuid) returns TABLE(session_id uuid, user_id uuid, school_id uuid, role text, grants text[], active boolean, email text, display_name text, ended_at timestamp with time zone, expires_at timestamp with time zone, school_name text, tenant text, time_zone text, factor_missing boolean) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
#variable_conflict use_column
begin
  return query select sessions.id, users.id, users.school_id, users.role, users.grants, users.active, users.email, users.display_name,
      sessions.ended_at, sessions.expires_at, schools.name, schools.tenant, schools.time_zone,
      coalesce(users.role = any (sign_in_rules.second_factor_for), false) and sessions.method = 'password'
        and not exists (select from totp_factors where totp_factors.user_id = users.id and confirmed_at is not null)
        and not exists (select from passkeys where passkeys.user_id = users.id)
    from sessions join users on users.id = sessions.user_id left join schools on schools.id = users.school_id
      left join sign_in_rules on sign_in_rules.school_id = users.school_id
    where sessions.id = wanted;
end

function find_sign_ons() returns TABLE(tenant text, name text) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select schools.tenant, schools.name from schools join sign_in_rules on sign_in_rules.school_id = schools.id
    where sign_on is not null order by schools.name limit 100

function knows_place(wanted text, from_address text, from_device text) returns text security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select case when bool_or(sessions.device_hash = from_device) then 'device' when bool_or(sessions.address = from_address) then 'address' end
    from users join sessions on sessions.user_id = users.id where lower(users.email) = lower(wanted)

function outbox_claim(kinds text[], how_many integer, lease interval) returns TABLE(id bigint, school_id uuid, kind text, body json) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
update outbox set claimed_until = now() + lease where outbox.id in (
      select outbox.id from outbox where outbox.kind = any (kinds) and (claimed_until is null or claimed_until < now())
      order by outbox.id limit how_many for update skip locked)
    returning outbox.id, outbox.school_id, outbox.kind, outbox.body

function outbox_done(ids bigint[]) returns void security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
delete from outbox where id = any (ids)

function outbox_notify() returns trigger
begin
  perform pg_notify('gatehouse_outbox', '');
  return null;
end

function school_of_sms(wanted text) returns uuid security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select deliveries.school_id from deliveries where deliveries.provider_id = wanted and deliveries.channel = 'sms'

function search_students(words text[], at_most integer DEFAULT NULL::integer) returns TABLE(id uuid) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare
  patterns text[] := array(select case when word ~ '^[a-z0-9@._-]{1,2}$' then '% ' else '%' end || word || '%' from unnest(words) as word);
  wanted text := 'select students.id from students where school_id = current_school()';
  by_last_name uuid[] := '{}';
begin
  for at in 1 .. coalesce(array_length(patterns, 1), 0) loop
    wanted := wanted || format(' and search_text like $1[%s]', at);
  end loop;
  if at_most is null then
    return query execute wanted using patterns;
    return;
  end if;
  wanted := wanted || ' and archived_at is null';
  if array_length(words, 1) = 1 then
    execute format('select array(select students.id from students where school_id = current_school() and archived_at is null
      and search_text like %L order by search_text using ~<~ limit $1)', ' ' || words[1] || '%') into by_last_name using at_most;
    return query select unnest(by_last_name);
  end if;
  if cardinality(by_last_name) < at_most then
    return query execute wanted || ' and students.id <> all($2) limit $3' using patterns, by_last_name, at_most - cardinality(by_last_name);
  end if;
end

function search_users(words text[]) returns TABLE(id uuid) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
declare
  patterns text[] := array(select '%' || word || '%' from unnest(words) as word);
  wanted text := 'select users.id from users where school_id is not distinct from current_school()';
begin
  for at in 1 .. coalesce(array_length(patterns, 1), 0) loop
    wanted := wanted || format(' and search_text like $1[%s]', at);
  end loop;
  return query execute wanted using patterns;
end

function survey_schools() returns TABLE(id uuid, name text, tenant text, time_zone text, country text, deactivated_at timestamp with time zone, version integer, created_at timestamp with time zone, updated_at timestamp with time zone) security definer, owner gatehouse_definer set search_path=public, pg_temp, for gatehouse_app
select schools.id, schools.name, schools.tenant, schools.time_zone, schools.country, schools.deactivated_at, schools.version,
      schools.created_at, schools.updated_at from schools

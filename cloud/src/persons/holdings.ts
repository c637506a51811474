import type { ERASURES } from '@gatehouse/shared/wire/api/persons.ts'
import { type RawBuilder, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { visitorPath } from '../visitors/arrivals.repo.ts'
import type { DataSubject } from './data-subject.ts'

/** What one table holds of a person. */
export type Holding = {
  readonly table: keyof Tables
  /** As the export calls it. */
  readonly name: string
  /** Which rows are the person's. */
  readonly of: (subject: DataSubject) => RawBuilder<boolean>
  /** Columns that the person is given. Keys, hashes and what is sealed are not among them. */
  readonly gives: readonly string[]
  readonly becomes: (typeof ERASURES)[number]
  readonly why: string
}

const among = (column: string, values: readonly string[], type: 'uuid' | 'text' = 'uuid') =>
  sql<boolean>`${sql.ref(column)} = any (${[...values]}::${sql.raw(type)}[])`
const ofStudent = ({ studentIds }: DataSubject) => among('student_id', studentIds)
const ofPass = ({ passIds }: DataSubject) => among('pass_id', passIds, 'text')
const ofUser = ({ userId }: DataSubject) => sql<boolean>`user_id = ${userId}::uuid`
const ofVisitor = ({ visitorIds }: DataSubject) => among('visitor_id', visitorIds)
/** Of whom a gate, or the log, tells: the column knows students and visitors. */
const ofHolder = ({ studentIds, visitorIds }: DataSubject) => among('student_id', [...studentIds, ...visitorIds])
/** What a host was told of a visitor is found by where it leads. */
const toldOfVisitor = ({ visitorIds }: DataSubject) => among('path', visitorIds.map(visitorPath), 'text')
const ofEither = (subject: DataSubject) => sql<boolean>`(${ofStudent(subject)} or ${ofUser(subject)})`

/**
 * Every table that holds something of a person, in the order in which it goes: what refers to a row before the row. A test fails
 * where a table of the database names people and is neither here nor in `HOLDS_NOBODY`.
 */
export const HOLDINGS: readonly Holding[] = [
  {
    table: 'credentials',
    name: 'cards',
    of: ofPass,
    gives: ['technology', 'bit_count', 'ending', 'created_at'],
    becomes: 'deleted',
    why: 'A gate no longer knows the card.',
  },
  {
    table: 'device_keys',
    name: 'phones',
    of: ofPass,
    gives: ['created_at'],
    becomes: 'deleted',
    why: 'The phone makes no more codes that are taken.',
  },
  {
    table: 'visitor_arrivals',
    name: 'visits',
    of: ofVisitor,
    gives: ['arrived_at', 'left_at', 'day', 'gate_id', 'pass_id'],
    becomes: 'deleted',
    why: 'Nobody is said to be in the house any more.',
  },
  {
    table: 'passes',
    name: 'passes',
    of: ofPass,
    gives: ['serial', 'pass_id', 'status', 'class', 'not_before', 'expires', 'revoked_at', 'note', 'created_at'],
    becomes: 'emptied',
    why: 'Revoked, and without its note. Its number stays, so that gates go on refusing it.',
  },
  {
    table: 'access_events',
    name: 'passages',
    of: ofHolder,
    gives: ['event_time', 'gate_id', 'lane', 'kind', 'pass_id', 'technology', 'ground', 'refusal'],
    becomes: 'unlinked',
    why: 'What a gate signed stays until its time is over, and names nobody.',
  },
  {
    table: 'pass_checks',
    name: 'checks',
    of: subject => sql<boolean>`(${ofPass(subject)} or ${ofUser(subject)})`,
    gives: ['checked_at', 'gate_id', 'lane', 'pass_id', 'open', 'refusal'],
    becomes: 'stays',
    why: 'Names a pass or an account that nobody stands behind, and goes after 90 days.',
  },
  {
    table: 'student_photos',
    name: 'photo',
    of: ofStudent,
    gives: ['since'],
    becomes: 'deleted',
    why: 'A guard sees none any more.',
  },
  {
    table: 'applications',
    name: 'applications',
    of: ofStudent,
    gives: ['status', 'answers', 'begun_at', 'submitted_at', 'due_at', 'decided_at', 'reason', 'pass_id'],
    becomes: 'deleted',
    why: 'With what was answered, found, said and decided. A pass that came of one is revoked.',
  },
  {
    table: 'files',
    name: 'files',
    of: ({ studentIds, userId }) =>
      sql<boolean>`(${among('owner_student_id', studentIds)} or owner_user_id = ${userId}::uuid)`,
    gives: ['name', 'category', 'state', 'media_type', 'bytes', 'sha256', 'uploaded_at', 'removed_at'],
    becomes: 'deleted',
    why: 'Their key goes at once, and their bytes from the store within two days.',
  },
  {
    table: 'invitations',
    name: 'invitations',
    of: ofStudent,
    gives: ['way', 'to_address', 'made_at', 'expires_at', 'claimed_at', 'ended_at'],
    becomes: 'deleted',
    why: 'With the codes.',
  },
  {
    table: 'import_rows',
    name: 'imports',
    of: ({ studentIds, studentNumbers }) =>
      sql<boolean>`(${among('student_id', studentIds)} or ${among('student_number', studentNumbers, 'text')})`,
    gives: [
      'import_id',
      'number',
      'student_number',
      'action',
      'fields',
      'status_from',
      'status_to',
      'department',
      'email',
    ],
    becomes: 'deleted',
    why: 'Undoing such an import leaves the person out.',
  },
  {
    table: 'deliveries',
    name: 'deliveries',
    of: subject => sql<boolean>`(${ofEither(subject)} or notification_id in (select id from notifications
      where notifications.school_id = current_school() and ${toldOfVisitor(subject)})
      or (kind = 'visitor_arrived' and body::json -> 'data' ->> 'path' = any (${subject.visitorIds.map(visitorPath)}::text[])))`,
    gives: ['channel', 'kind', 'state', 'made_at', 'ended_at'],
    becomes: 'deleted',
    why: 'Also those that wait, and what web hooks were sent.',
  },
  {
    table: 'notifications',
    name: 'notifications',
    of: subject => sql<boolean>`(${ofEither(subject)} or ${toldOfVisitor(subject)})`,
    gives: ['kind', 'facts', 'path', 'made_at', 'read_at'],
    becomes: 'deleted',
    why: 'Also in the inbox of others, where they tell of the person.',
  },
  {
    table: 'notification_wishes',
    name: 'notificationWishes',
    of: ofUser,
    gives: ['kind', 'channel', 'wish'],
    becomes: 'deleted',
    why: 'With the account.',
  },
  {
    table: 'notification_settings',
    name: 'notificationSettings',
    of: ofUser,
    gives: ['quiet_from', 'quiet_to', 'sms_ending'],
    becomes: 'deleted',
    why: 'With the number for text messages.',
  },
  {
    table: 'push_subscriptions',
    name: 'browsers',
    of: ofUser,
    gives: ['made_at'],
    becomes: 'deleted',
    why: 'No more push messages.',
  },
  {
    table: 'mails',
    name: 'mails',
    of: ({ addresses }) => sql<boolean>`lower(to_address) = any (${[...addresses]}::text[])`,
    gives: ['template', 'language', 'to_address', 'subject', 'state', 'made_at', 'ended_at'],
    becomes: 'deleted',
    why: 'Also those that wait.',
  },
  {
    table: 'totp_factors',
    name: 'authenticator',
    of: ofUser,
    gives: ['confirmed_at'],
    becomes: 'deleted',
    why: 'With the account.',
  },
  {
    table: 'passkeys',
    name: 'passkeys',
    of: ofUser,
    gives: ['name', 'created_at', 'last_used_at'],
    becomes: 'deleted',
    why: 'With the account.',
  },
  {
    table: 'recovery_codes',
    name: 'recoveryCodes',
    of: ofUser,
    gives: [],
    becomes: 'deleted',
    why: 'With the account.',
  },
  {
    table: 'one_time_tokens',
    name: 'links',
    of: ofUser,
    gives: ['purpose', 'expires_at'],
    becomes: 'deleted',
    why: 'With the account.',
  },
  {
    table: 'access_keys',
    name: 'accessKeys',
    of: ofUser,
    gives: ['name', 'scopes', 'created_at', 'expires_at', 'last_used_at'],
    becomes: 'deleted',
    why: 'Programs that used them are refused.',
  },
  {
    table: 'sign_on_subjects',
    name: 'signOn',
    of: ofUser,
    gives: ['issuer', 'subject'],
    becomes: 'deleted',
    why: 'With the account.',
  },
  {
    table: 'scim_links',
    name: 'identityProvider',
    of: ofUser,
    gives: ['external_id'],
    becomes: 'deleted',
    why: 'With the account.',
  },
  {
    table: 'answers_given',
    name: 'answersKept',
    of: subject =>
      sql<boolean>`(${ofUser(subject)} or body like any (${[...subject.studentIds, ...subject.visitorIds].map(id => `%${id}%`)}::text[]))`,
    gives: ['begun_at', 'status'],
    becomes: 'deleted',
    why: 'Kept for a day in any case.',
  },
  {
    table: 'sessions',
    name: 'sessions',
    of: ofUser,
    gives: ['created_at', 'used_at', 'ended_at', 'method', 'second_factor', 'address', 'user_agent'],
    becomes: 'deleted',
    why: 'Signed out everywhere.',
  },
  {
    table: 'imports',
    name: 'importsMade',
    of: ({ userId }) => sql<boolean>`made_by = ${userId}::uuid`,
    gives: ['name', 'made_at', 'made_by_name', 'state'],
    becomes: 'emptied',
    why: 'That somebody imported stays, and no longer who.',
  },
  {
    table: 'students',
    name: 'student',
    of: ({ studentIds }) => among('id', studentIds),
    gives: [
      'student_number',
      'first_name',
      'last_name',
      'email',
      'status',
      'enrolled_on',
      'created_at',
      'updated_at',
      'archived_at',
    ],
    becomes: 'emptied',
    why: 'An empty row stays for the passes. Of the number a keyed hash stays: an import does not bring the person back unasked.',
  },
  {
    table: 'visitors',
    name: 'visitor',
    of: ({ visitorIds }) => among('id', visitorIds),
    gives: ['first_name', 'last_name', 'organisation', 'purpose', 'created_at', 'updated_at', 'archived_at'],
    becomes: 'emptied',
    why: 'An empty row stays for the passes.',
  },
  {
    table: 'users',
    name: 'account',
    of: ({ userId }) => sql<boolean>`id = ${userId}::uuid`,
    gives: [
      'email',
      'display_name',
      'role',
      'grants',
      'language',
      'active',
      'created_at',
      'signed_in_at',
      'deleted_at',
    ],
    becomes: 'emptied',
    why: 'An empty row stays for what the account did.',
  },
  {
    table: 'audit_log',
    name: 'log',
    of: subject => sql<boolean>`(${ofHolder(subject)} or student_ids && ${[...subject.studentIds, ...subject.visitorIds]}::uuid[]
      or by_id = ${subject.userId}::uuid or (subject_kind = 'user' and subject_id = ${subject.userId}::text))`,
    gives: ['at', 'action', 'by_kind', 'by_name', 'by_role', 'subject_kind', 'before', 'after', 'note'],
    becomes: 'emptied',
    why: 'That something was done stays, with its place in the chain; what it tells of the person does not. What staff did with data of others stays theirs until its time is over.',
  },
]

/** Tables with a column that looks like a person's, and why nothing of them is given or erased. */
export const HOLDS_NOBODY: Readonly<Partial<Record<keyof Tables, string>>> = {
  card_offers: 'who held a card to a reader is not known; who armed it is the id of an account, for a day',
  refresh_tokens: 'hashes, and they go with their sessions',
  gate_configurations: 'the id of an account',
  gate_rules: 'the id of an account',
  list_holds: 'the id of an account',
  jobs: 'the id of an account',
  application_forms: 'the id of an account',
  application_entries: 'the id of an account, and goes with its application',
  erased_numbers: 'made by erasing',
}

-- The newest time in a moving code that opened, for each pass: such a code opens once. Unix seconds, by the phone's clock.
-- Written in one transaction with the event of the grant, so that neither is there without the other.
create table granted_proof (pass_id text primary key, time_s integer not null) strict, without rowid;

create index granted_proof_time on granted_proof (time_s);

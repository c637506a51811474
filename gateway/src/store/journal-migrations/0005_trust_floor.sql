-- How far trust had come, beside the bundles themselves: of the two the higher counts, so that a file that was put back does not bring
-- back keys that were stolen.
create table trust_floor (one integer primary key check (one = 1), version integer not null, epoch integer not null) strict;

insert into trust_floor values (1, 0, 0);

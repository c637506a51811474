-- Rows of an import are written, decided and applied: twice changed, a quarter of a million at a time. They are found by their number and
-- by what is done with them; each other index was written anew with every change of every row, and statements over all rows read all rows.

drop index import_rows_number;
drop index import_rows_email;
drop index import_rows_student;
drop index import_rows_todo;
drop index import_rows_undecided;
-- Room in each page for the row as it will be: what was applied is noted without touching an index.
alter table import_rows set (fillfactor = 50);

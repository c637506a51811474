-- The search in a school's students reads its index. A condition of a policy comes before all others that may tell what they saw, and LIKE is one of
-- those: with a condition here a million students were read one by one for each word. The function that is all this role reads students with,
-- search_students, names the school itself.
alter policy searches on students using (true);

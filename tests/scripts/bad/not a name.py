# wps.out: a, integer;
a = 1

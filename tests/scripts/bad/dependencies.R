# wps.des: dependencies, Libraries of R;
# wps.out: a, integer;
# wps.dep: dplyr;
a <- 1

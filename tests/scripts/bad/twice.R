# wps.des: twice, Twice;
# wps.des: twice, Again;
# wps.in: a, integer;
# wps.in: b, integer;
# wps.in: a, double;
# wps.out: c, integer;
# wps.out: c, integer;
c <- a

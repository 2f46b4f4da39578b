# wps.des: unended, Not ended
# by a semicolon

# wps.out: a, integer;
a <- 1

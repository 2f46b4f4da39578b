# wps.des: resources, Resources;
# wps.out: a, integer;
# wps.res: nowhere.txt, ../unended.R, /etc/hostname;
# wps.import: more.R;
a <- 1

# wps.des: Dismiss, A reserved word, version = 202611210930;
# wps.out: a, integer;
a = 1

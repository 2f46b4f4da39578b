# wps.des: id = longest_word, title = The longest word,
#   keywords = text|words, author = A. Author, licence = CC0-1.0, deterministic = true;
# wps.in: sentence, string, A sentence, value = "to be, or not to be; that is it";
# wps.in: language, string, Its language, choices = en|de|it, value = en;
# wps.out: word, string, The first of the longest words
word = max(sentence.split(), key=len)

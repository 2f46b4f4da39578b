# Evaluates a script whose inputs are variables, and writes the variables that are its outputs.
# The argument is a file that sets: script, inputs (by variable), outputs (identifier to variable),
# outputs_json. All of ours stays in this call and out of the script's sight.

local({
  job <- new.env()
  sys.source(commandArgs(trailingOnly = TRUE)[[1]], job)
  options(warn = 1)

  quoted <- function(text) {
    codes <- utf8ToInt(enc2utf8(text))
    if (anyNA(codes)) codes <- utf8ToInt(iconv(text, "latin1", "UTF-8"))
    high <- codes > 0xffff
    plain <- codes >= 0x20 & codes < 0x7f & codes != 0x22 & codes != 0x5c
    parts <- sprintf("\\u%04x", codes)
    parts[plain] <- intToUtf8(codes[plain], multiple = TRUE)
    rest <- codes[high] - 0x10000
    parts[high] <- sprintf("\\u%04x\\u%04x", 0xd800 + rest %/% 0x400, 0xdc00 + rest %% 0x400)
    paste0("\"", paste(parts, collapse = ""), "\"")
  }

  number <- function(x) {
    if (is.nan(x)) return("NaN")
    if (is.infinite(x)) return(if (x > 0) "Infinity" else "-Infinity")
    short <- format(x, digits = 15)
    if (as.numeric(short) == x) short else format(x, digits = 17)
  }

  single <- function(x) {
    if (is.na(x) && !is.nan(x)) return("null")
    if (is.logical(x)) return(if (x) "true" else "false")
    if (inherits(x, "POSIXt")) return(quoted(format(x, "%Y-%m-%dT%H:%M:%SZ", tz = "UTC")))
    if (is.numeric(x) && !is.object(x)) return(number(x))
    quoted(as.character(x))
  }

  json <- function(x) {
    if (is.null(x)) return("null")
    if (is.list(x) && !is.null(names(x))) {
      parts <- paste0(vapply(names(x), quoted, ""), ": ", vapply(x, json, ""))
      return(paste0("{", paste(parts, collapse = ", "), "}"))
    }
    if (length(x) == 1 && !is.list(x)) return(single(x))
    paste0("[", paste(vapply(seq_along(x), function(i) json(x[[i]]), ""), collapse = ", "), "]")
  }

  write_outputs <- function() {
    known <- Filter(function(name) exists(name, globalenv(), inherits = FALSE), job$outputs)
    values <- lapply(known, get, envir = globalenv(), inherits = FALSE)
    for (name in names(values)) if (is.data.frame(values[[name]])) {
      file <- paste0(known[[name]], ".csv")
      utils::write.csv(values[[name]], file, row.names = FALSE)
      values[[name]] <- file
    }
    writeLines(if (length(values)) json(values) else "{}", job$outputs_json)
  }

  leave <- function(save = "no", status = 0, runLast = TRUE) {
    if (status == 0) write_outputs()
    base::quit("no", status, runLast)
  }
  attach(list(q = leave, quit = leave), name = "dataminer", warn.conflicts = FALSE)

  is_constant <- function(expr) {
    if (!is.call(expr)) return(!is.symbol(expr) || deparse(expr) %in% c("T", "F"))
    as.character(expr[[1]])[1] %in% c("c", "-", "+", "(") && all(vapply(as.list(expr)[-1], is_constant, NA))
  }

  is_default <- function(expr) {
    is.call(expr) && deparse(expr[[1]])[1] %in% c("<-", "=", "<<-") && is.symbol(expr[[2]]) &&
      as.character(expr[[2]]) %in% names(job$inputs) && is_constant(expr[[3]])
  }

  fail <- function(error, line) {
    call <- deparse(conditionCall(error))[1]
    place <- if (grepl("^(eval|withVisible|doTryCatch|NULL)\\b", call)) "" else paste0(" in ", call)
    message("Error", place, ": ", conditionMessage(error), line)
    base::quit("no", 1)
  }

  run <- function(expr) {
    if (is_default(expr)) {
      # The first constant given to an input's name is its default: here its value goes in, even
      # after rm(list = ls()). A later one is the script's own business.
      name <- as.character(expr[[2]])
      assign(name, job$inputs[[name]], globalenv())
      job$inputs[[name]] <- NULL
      return(invisible())
    }
    shown <- withVisible(eval(expr, globalenv()))
    if (shown$visible) print(shown$value)
  }

  list2env(job$inputs, globalenv())
  source <- readLines(job$script, encoding = "UTF-8", warn = FALSE)
  code <- tryCatch(
    parse(text = source, srcfile = srcfilecopy(basename(job$script), source), encoding = "UTF-8"),
    error = function(e) fail(simpleError(conditionMessage(e)), "")
  )
  lines <- vapply(attr(code, "srcref"), function(ref) as.integer(ref)[1], 1L)
  for (i in seq_along(code)) {
    tryCatch(run(code[[i]]), error = function(e) {
      fail(e, paste0("\n(", basename(job$script), ", the statement at line ", lines[i], ")"))
    })
  }
  write_outputs()
})

function dataminer_write (file, asked)
  % Writes variables of the script as JSON; asked: {identifier, variable, identifier, ...}.
  parts = {};
  for k = 1:2:numel (asked)
    if (evalin ("base", sprintf ("exist (\"%s\", \"var\")", asked{k + 1})))
      value = evalin ("base", asked{k + 1});
      parts{end + 1} = [quoted(asked{k}), ": ", json(value)];
    endif
  endfor
  [target, message] = fopen (file, "w");
  if (target < 0)
    error ("cannot write the outputs: %s", message);
  endif
  fprintf (target, "{%s}\n", strjoin (parts, ", "));
  fclose (target);
endfunction

function text = json (value)
  if (ischar (value))
    text = quoted (value);
  elseif (isstruct (value) && isscalar (value))
    names = fieldnames (value);
    parts = cellfun (@(name) [quoted(name), ": ", json(value.(name))], names, "UniformOutput", false);
    text = ["{", strjoin(parts', ", "), "}"];
  elseif (isscalar (value) && (isnumeric (value) || islogical (value)))
    text = single_value (value);
  elseif (iscell (value))
    text = ["[", strjoin(cellfun (@json, value(:)', "UniformOutput", false), ", "), "]"];
  else
    text = ["[", strjoin(arrayfun (@json, value(:)', "UniformOutput", false), ", "), "]"];
  endif
endfunction

function text = single_value (value)
  if (islogical (value))
    text = {"false", "true"}{value + 1};
  elseif (isnan (value))
    text = "NaN";
  elseif (isinf (value))
    text = {"-Infinity", "Infinity"}{(value > 0) + 1};
  else
    text = sprintf ("%.15g", value);
    if (str2double (text) != value)
      text = sprintf ("%.17g", value);
    endif
  endif
endfunction

function text = quoted (value)
  value = value(:)';
  value = strrep (value, "\\", "\\\\");
  value = strrep (value, "\"", "\\\"");
  for code = 0:31
    value = strrep (value, char (code), sprintf ("\\u%04x", code));
  endfor
  text = ["\"", value, "\""];
endfunction

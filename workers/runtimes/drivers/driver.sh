# Runs a script whose variables were set, and writes the variables that are its outputs.
# It is sourced; `$0` is the script. Names of ours begin with __dataminer_.

__dataminer_at_exit=
trap() {
    # The script may clean up at its end: that runs before the outputs are read.
    if [ $# -gt 1 ] && [[ ${*: -1} == @(EXIT|exit|0) ]]; then
        __dataminer_at_exit=${1#-}
    else
        builtin trap "$@"
    fi
}

__dataminer_quote() {
    # $1 as a JSON string, into __dataminer_quoted.
    local text=$1 backslash='\' code hex character
    text=${text//"$backslash"/"$backslash$backslash"}
    text=${text//'"'/"$backslash\""}
    if [[ $text == *[[:cntrl:]]* ]]; then
        for code in {1..31}; do
            printf -v hex '%02x' "$code"
            printf -v character "\\x$hex"
            text=${text//"$character"/"${backslash}u00$hex"}
        done
    fi
    __dataminer_quoted="\"$text\""
}

__dataminer_finish() {
    local code=$? identifier name separator=
    set +eu
    (exit "$code")
    eval "$__dataminer_at_exit"
    [ "$code" = 0 ] || exit "$code"
    {
        printf '{'
        for identifier in "${!__dataminer_outputs[@]}"; do
            name=${__dataminer_outputs[$identifier]}
            [ -n "${!name+set}" ] || continue
            __dataminer_quote "$identifier"
            printf '%s%s: ' "$separator" "$__dataminer_quoted"
            __dataminer_quote "${!name}"
            printf '%s' "$__dataminer_quoted"
            separator=', '
        done
        printf '}\n'
    } > "$__dataminer_outputs_json"
    exit 0
}

builtin trap __dataminer_finish EXIT
shift
source "$0"

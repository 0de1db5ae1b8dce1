# SPDX-License-Identifier: BSD-2-Clause
# Completion of lastack(1) for bash.  Options and the words that `explain` knows are the binary's own to say.

_lastack_states="closed listen syn-sent syn-received established fin-wait-1 fin-wait-2 close-wait closing last-ack
        time-wait all connected synchronized bucket big"
_lastack_filter="state exclude dst src dport sport dev fwmark cgroup autobound uid ino pid comm netns age and or not"
_lastack_sort="state local remote sport dport recvq sendq timer probes age uid ino netns pid comm rtt rto cwnd retrans
        sent received drops"

_lastack_tune="lint plan apply confirm rollback history try"

# Sets COMPREPLY to those of the words given that begin with $1.
_lastack_offer() {
        local begun=$1
        shift
        COMPREPLY=($(compgen -W "$*" -- "$begun"))
        return 0
}

# Adds the namespaces that ip-netns(8) knows by name; a name may have any character in it but '/'.  compgen is not asked:
# it expands its words as the shell would, and a name may say $(...).
_lastack_offer_netns() {
        local begun=$1 path
        for path in "${_lastack_netns_directory:-/run/netns}"/*; do
                [[ -e $path && ${path##*/} == "$begun"* ]] && COMPREPLY+=("$(printf '%q' "${path##*/}")")
        done
        return 0
}

# A word of a filter, after the word $2.
_lastack_filter_word() {
        case $2 in
        state | exclude) _lastack_offer "$1" $_lastack_states ;;
        netns) _lastack_offer_netns "$1" ;;
        *) _lastack_offer "$1" $_lastack_filter ;;
        esac
}

# The options of command $2 (none: the overview) of the binary $1, read from its --help: "  -j, --json   ...".
_lastack_options() {
        local line word
        "$1" ${2:+"$2"} --help 2>/dev/null | while IFS= read -r line; do
                [[ $line =~ ^\ {2,6}(-.*) ]] || continue
                line=${BASH_REMATCH[1]}
                for word in ${line%%  *}; do
                        word=${word%,}
                        [[ $word == -* ]] && printf '%s\n' "${word%%[=[]*}"
                done
        done
}

# A topic may have blanks in it ("FIN_WAIT_1 -> CLOSING") and still be one word of the shell.
_lastack_topic() {
        local begun=$1 topic
        begun=${begun//\\/}
        while IFS= read -r topic; do
                [[ ${topic,,} == "${begun,,}"* ]] && COMPREPLY+=("$(printf '%q' "$topic")")
        done < <("$2" explain --list-topics 2>/dev/null)
}

# The rules of the doctor, as the binary $2 lists them below a heading.
_lastack_rule() {
        local rule rest
        while read -r rule rest; do
                [[ $rule != [A-Z]* && $rule == "$1"* ]] && COMPREPLY+=("$rule")
        done < <("$2" doctor --list 2>/dev/null)
        return 0
}

# What comes after `lab`: one of its three words, then a name the binary itself lists, or a file.
_lastack_lab() {
        local begun=$1 binary=$2 word name what=
        for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
                case $word in
                reproduce | story | play) what=$word && break ;;
                esac
        done
        case $what in
        "") _lastack_offer "$begun" reproduce story play ;;
        play) COMPREPLY=($(compgen -f -- "$begun")) ;;
        *)
                while IFS= read -r name; do
                        [[ ${name,,} == "${begun,,}"* ]] && COMPREPLY+=("$name")
                done < <("$binary" lab --list "$what" 2>/dev/null)
                ;;
        esac
}

# What comes after `tune`: one of its words, then files for lint, tunables for the others.
_lastack_tune_word() {
        local begun=$1 binary=$2 word what=
        for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
                case " $_lastack_tune " in
                *" $word "*) what=$word && break ;;
                esac
        done
        case $what in
        "") _lastack_offer "$begun" $_lastack_tune ;;
        lint) COMPREPLY=($(compgen -f -- "$begun")) ;;
        plan | apply | try)
                [[ $begun == *=* ]] || COMPREPLY=($(compgen -S = -W "$("$binary" explain --list-topics 2>/dev/null |
                        grep -E '^(tcp_|ip_|somaxconn)[a-z0-9_]*$')" -- "$begun"))
                ;;
        esac
        return 0
}

# The stacks that run, as the binary lists them.
_lastack_offer_stacks() {
        local begun=$1 binary=$2 name rest
        while read -r name rest; do
                [[ $name != NAME && $name == "$begun"* ]] && COMPREPLY+=("$name")
        done < <(COLUMNS= "$binary" stacks 2>/dev/null)
        return 0
}

# The stack that the command line names, if it does.
_lastack_stack() {
        local i
        for ((i = 1; i < COMP_CWORD; i++)); do
                [[ ${COMP_WORDS[i]} == --stack ]] || continue
                [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
                echo "${COMP_WORDS[i + 1]}" && return
        done
}

# Tunables: of the stack, or of Linux.
_lastack_knob() {
        local begun=$1 binary=$2 stack changed name rest
        stack=$(_lastack_stack)
        while read -r changed name rest; do
                [[ $changed == "*" ]] || name=$changed
                [[ $name != TUNABLE && $name == "$begun"* ]] && COMPREPLY+=("$name")
        done < <(COLUMNS= "$binary" knob ${stack:+--stack "$stack"} 2>/dev/null)
        return 0
}

_lastack_commands="states ls doctor record explain knob events stacks lab tune up"

_lastack_command() {
        local word
        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case $word in
                states | ls | doctor | record | explain | knob | events | stacks | lab | tune | up | help) echo "$word" && return ;;
                esac
        done
}

_lastack() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} binary=${COMP_WORDS[0]} command
        COMPREPLY=()
        command=$(_lastack_command)
        if [[ $word == = ]]; then # --netns=, which bash takes for two words
                word=
        elif [[ $before == = ]]; then
                before=${COMP_WORDS[COMP_CWORD - 2]}
        fi

        case $before in
        --netns) _lastack_offer "$word" all && _lastack_offer_netns "$word" && return ;;
        --stack) _lastack_offer_stacks "$word" "$binary" && return ;;
        --source) _lastack_offer "$word" auto netlink proc && return ;;
        --sort) _lastack_offer "$word" $_lastack_sort && return ;;
        -w | --watch | --seed | --for | --idle | --confirm-within | --why | --connections) return ;;
        --workload) _lastack_offer "$word" ports accept flood half-closed && return ;;
        --state-dir | --sysctl-dir) COMPREPLY=($(compgen -d -- "$word")) && return ;;
        --only) _lastack_rule "$word" "$binary" && return ;;
        --pcap | --from) COMPREPLY=($(compgen -f -- "$word")) && return ;;
        esac
        case $command:$word in
        help:*) _lastack_offer "$word" $_lastack_commands ;;
        *:-*) _lastack_offer "$word" $(_lastack_options "$binary" "$command") ;;
        states:* | ls:* | events:*) _lastack_filter_word "$word" "$before" ;;
        explain:*) _lastack_topic "$word" "$binary" ;;
        knob:*) _lastack_knob "$word" "$binary" ;;
        lab:*) _lastack_lab "$word" "$binary" ;;
        doctor:*) return ;;
        record:*) COMPREPLY=($(compgen -f -- "$word")) ;;
        tune:*) _lastack_tune_word "$word" "$binary" ;;
        stacks:* | up:*) return ;;
        *) _lastack_offer "$word" $_lastack_commands help ;;
        esac
}

complete -F _lastack lastack

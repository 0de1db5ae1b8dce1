/* SPDX-License-Identifier: BSD-2-Clause */
#include "lastack/terms.h"

static const struct la_verdict_info verdicts[LA_VERDICT_COUNT] = {
#define LA_VERDICT(id, section, answer, sentence) { LA_V_##id, #id, section, LA_ANSWER_##answer, sentence },
#include "model/verdict.def"
#undef LA_VERDICT
};

const struct la_verdict_info *
la_verdict_info(enum la_verdict verdict)
{
        return verdict < LA_VERDICT_COUNT ? &verdicts[verdict] : NULL;
}

static const struct {
        const char *name, *sentence;
} counters[LA_COUNTER_COUNT] = {
#define LA_COUNTER(id, group, sentence) { group #id, sentence },
#include "model/counter.def"
#undef LA_COUNTER
};

const char *
la_counter_name(enum la_counter counter)
{
        return counter < LA_COUNTER_COUNT ? counters[counter].name : NULL;
}

const char *
la_counter_text(enum la_counter counter)
{
        return counter < LA_COUNTER_COUNT ? counters[counter].sentence : NULL;
}

static const char *const errors[LA_ERROR_COUNT] = {
        [LA_OK] = N_("It was done."),
        [LA_ERR_AGAIN] = N_("Not now: there is nothing to read or accept, or no room to write."),
        [LA_ERR_END] = N_("The peer has closed, and everything it sent has been read."),
        [LA_ERR_HANDLE] = N_("There is no such connection."),
        [LA_ERR_NOT_CONNECTED] = N_("The connection is not in a state for this."),
        [LA_ERR_CLOSING] = N_("This end has closed its direction already."),
        [LA_ERR_RESET] = N_("The peer reset the connection."),
        [LA_ERR_REFUSED] = N_("The peer refused the connection."),
        [LA_ERR_TIMED_OUT] = N_("The peer did not answer in time."),
        [LA_ERR_UNREACHABLE] = N_("The network says that the peer cannot be reached."),
        [LA_ERR_ABORTED] = N_("This end aborted the connection."),
        [LA_ERR_IN_USE] = N_("The address and port are in use."),
        [LA_ERR_NO_PORTS] = N_("No local port is free towards this destination: every port of ip_local_port_range that "
                               "is not reserved has a connection to it, TIME_WAIT included."),
        [LA_ERR_NO_CONNECTIONS] = N_("The stack holds as many connections as it was made for."),
        [LA_ERR_NO_LISTENERS] = N_("The stack holds as many listeners as it was made for."),
        [LA_ERR_NO_PACERS] = N_("The stack paces as many connections as it was made for."),
        [LA_ERR_ADDRESS] = N_("The address cannot be an end of a connection."),
        [LA_ERR_INVALID] = N_("An argument is out of its range."),
        [LA_ERR_NO_KNOB] = N_("There is no such tunable, or the engine does not act on it."),
        [LA_ERR_KNOB_VALUE] = N_("The text is not a value of this tunable, or out of its range."),
        [LA_ERR_DANGER] = N_("Refused because of what it breaks."),
        [LA_ERR_BLOCK] = N_("The block of memory is too small or not aligned."),
};

const char *
la_error_text(enum la_error error)
{
        return error < LA_ERROR_COUNT ? errors[error] : "?";
}

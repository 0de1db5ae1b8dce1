/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_doctor.h - the doctor's findings before and after a change.
 */
#ifndef LASTACK_CLI_TUNE_DOCTOR_H
#define LASTACK_CLI_TUNE_DOCTOR_H

#include <jansson.h>

#include "cli/tune.h"
#include "doctor/findings.h"

/* A finding to act on (tune/remedy.h), as far as it is remembered. */
struct tune_ill {
        char *id, *summary;
        enum severity severity;
};

struct tune_ills {
        bool known; /* the doctor could look */
        struct tune_ill *ill;
        size_t count;
};

/* Lets the doctor look, twice and so many seconds apart, or once (0).  `ret_conf` (or NULL) gets the settings that his
 * findings name.  Returns 0; otherwise it is said what is wrong, and an exit status above 0 comes back. */
int tune_ask_doctor(const struct tune_request *r, double for_s, struct tune_ills *ret, struct tune_conf *ret_conf);

/* What has become of it: for people, and for machines. */
void tune_ills_text(const struct tune_ills *before, const struct tune_ills *after);
json_t *tune_ills_json(const struct tune_ills *ills);

void tune_ills_fini(struct tune_ills *ills);

#endif

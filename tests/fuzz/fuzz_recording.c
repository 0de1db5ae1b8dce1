/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording may come from anywhere: whatever a file holds, it is refused with a line and a reason, or judged; and what is
 * found of it has the form that all findings have. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/witness.h"
#include "doctor/findings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
        if (!holds)
                abort();
}

static void
check(const struct finding *x)
{
        must(x->severity <= SEVERITY_CRITICAL && *x->id && *x->summary && *x->why);
        must(x->details > 0 && x->details < FINDING_DETAILS && x->fixes > 0 && x->fixes < FINDING_FIXES);
        for (size_t i = 0; i < x->details; i++)
                must(*x->detail[i].name && (x->detail[i].kind != DETAIL_TEXT || x->detail[i].text));
        for (size_t i = 0; i < x->fixes; i++)
                must(*x->fix[i].text && x->fix[i].command && x->fix[i].effect && x->fix[i].risk);
}

static void
judge(struct evidence *e)
{
        struct findings found;

        findings_init(&found);
        doctor_judge(e, NULL, &found);
        must(!found.out_of_memory);
        for (size_t i = 0; i < found.count; i++)
                check(&found.finding[i]);
        findings_fini(&found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct evidence e;
        struct witness w = { .evidence = &e };
        struct recording_read told;
        FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;

        if (!file)
                return 0;
        evidence_init(&e, 3600000);
        int r = recording_read(file, &w, &told);
        fclose(file);
        must(r == 0 || r == -EBADMSG);
        must(r == 0 || *told.problem);
        if (r == 0)
                judge(&e);
        evidence_fini(&e);
        return 0;
}

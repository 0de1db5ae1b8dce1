/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is of xdp.c where its program could not be built. */
#include <errno.h>

#include "link/link.h"

int
la_xdp_open(const struct la_xdp_config *config, struct la_link **ret_link)
{
        (void)config;
        (void)ret_link;
        return -ENOSYS;
}

enum la_xdp_mode
la_xdp_mode(const struct la_link *link)
{
        (void)link;
        return LA_XDP_AUTO;
}

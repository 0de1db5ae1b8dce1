/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio 1.2, 5.1.6: the header before a packet that another cuts and sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link/vnet.h"

#define IPV4_TCP 0x45
#define IPV6     0x60

static struct la_packet
packet(uint8_t first_byte, uint16_t header_bytes, uint16_t gso_bytes, uint16_t flags)
{
        struct la_packet p = { .header_bytes = header_bytes, .gso_bytes = gso_bytes, .flags = flags };

        p.header[0] = first_byte;
        return p;
}

static void
test_a_finished_packet_asks_for_nothing(void **state)
{
        struct la_packet p = packet(IPV4_TCP, 40, 0, 0);
        struct virtio_net_hdr v = vnet_of_packet(&p, 0);

        (void)state;
        assert_int_equal(v.flags, 0);
        assert_int_equal(v.gso_type, VIRTIO_NET_HDR_GSO_NONE);
}

static void
test_a_checksum_to_be_made_lies_in_the_tcp_header(void **state)
{
        struct la_packet p4 = packet(IPV4_TCP, 40, 0, LA_PACKET_CHECKSUM_PARTIAL);
        struct la_packet p6 = packet(IPV6, 60, 0, LA_PACKET_CHECKSUM_PARTIAL);
        struct virtio_net_hdr v4 = vnet_of_packet(&p4, 0), v6 = vnet_of_packet(&p6, 0), e6 = vnet_of_packet(&p6, 14);

        (void)state;
        assert_int_equal(v4.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
        assert_int_equal(v4.csum_start, 20);
        assert_int_equal(v4.csum_offset, 16);
        assert_int_equal(v6.csum_start, 40);
        assert_int_equal(e6.csum_start, 54); /* behind an Ethernet header */
}

static void
test_a_packet_to_be_cut_says_into_what(void **state)
{
        struct la_packet p4 = packet(IPV4_TCP, 52, 1448, LA_PACKET_CHECKSUM_PARTIAL);
        struct la_packet p6 = packet(IPV6, 72, 1428, LA_PACKET_CHECKSUM_PARTIAL);
        struct virtio_net_hdr v4 = vnet_of_packet(&p4, 0), v6 = vnet_of_packet(&p6, 14);

        (void)state;
        assert_int_equal(v4.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
        assert_int_equal(v4.gso_size, 1448);
        assert_int_equal(v4.hdr_len, 52);
        assert_int_equal(v6.gso_type, VIRTIO_NET_HDR_GSO_TCPV6);
        assert_int_equal(v6.gso_size, 1428);
        assert_int_equal(v6.hdr_len, 86);
}

static void
test_what_arrives_tells_what_is_known_of_its_checksum(void **state)
{
        struct virtio_net_hdr needs = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM };
        struct virtio_net_hdr valid = { .flags = VIRTIO_NET_HDR_F_DATA_VALID };
        struct virtio_net_hdr unknown = { .flags = 0 };

        (void)state;
        assert_int_equal(vnet_flags(&needs), LA_PACKET_CHECKSUM_PARTIAL);
        assert_int_equal(vnet_flags(&valid), LA_PACKET_CHECKSUM_GOOD);
        assert_int_equal(vnet_flags(&unknown), 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_finished_packet_asks_for_nothing),
                cmocka_unit_test(test_a_checksum_to_be_made_lies_in_the_tcp_header),
                cmocka_unit_test(test_a_packet_to_be_cut_says_into_what),
                cmocka_unit_test(test_what_arrives_tells_what_is_known_of_its_checksum),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

# Written by generate.py from model.py; README.md says how to read it.
segment SR text 0

# from LISTEN
given SYN_RECEIVED passive
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state         SND.UNA  RCV.NXT  transitions                   RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  -        none   NOT_ACCEPTABLE_RST  -           SYN_RECEIVED  una      rcv      -                             3.10.7.4 first
  rcv                                          -        none   RST                 -           LISTEN        -        -        SYN_RECEIVED_RCV_RST_PASSIVE  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 -        none   RST_CHALLENGED      A(snd,rcv)  SYN_RECEIVED  una      rcv      -                             RFC 5961 3.2

# from SYN_SENT, the SYNs crossed
given SYN_RECEIVED active
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state         SND.UNA  RCV.NXT  transitions                  RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  -        none   NOT_ACCEPTABLE_RST  -           SYN_RECEIVED  una      rcv      -                            3.10.7.4 first
  rcv                                          -        none   RST                 -           CLOSED        -        -        SYN_RECEIVED_RCV_RST_ACTIVE  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 -        none   RST_CHALLENGED      A(snd,rcv)  SYN_RECEIVED  una      rcv      -                            RFC 5961 3.2

# from TIME_WAIT, by a new SYN
given SYN_RECEIVED reopened
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state         SND.UNA  RCV.NXT  transitions                    RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  -        none   NOT_ACCEPTABLE_RST  -           SYN_RECEIVED  una      rcv      -                              3.10.7.4 first
  rcv                                          -        none   RST                 -           TIME_WAIT     -        -        SYN_RECEIVED_RCV_RST_REOPENED  RFC 1122 4.2.2.13 (2)
  rcv+1,rcv+1000,end-100,end-1                 -        none   RST_CHALLENGED      A(snd,rcv)  SYN_RECEIVED  una      rcv      -                              RFC 5961 3.2

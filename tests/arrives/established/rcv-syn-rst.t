# Written by generate.py from model.py; README.md says how to read it.
segment SR text 0

# 100 bytes of ours are on their way
given ESTABLISHED -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state        SND.UNA  RCV.NXT  transitions          RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  -        none   NOT_ACCEPTABLE_RST  -           ESTABLISHED  una      rcv      -                    3.10.7.4 first
  rcv                                          -        none   RST                 -           CLOSED       -        -        ESTABLISHED_RCV_RST  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 -        none   RST_CHALLENGED      A(snd,rcv)  ESTABLISHED  una      rcv      -                    RFC 5961 3.2

# the receive window is closed, 100 bytes of ours are on their way
given ESTABLISHED closed-window
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000
ack -
tsval none
# SEG.SEQ                                        SEG.ACK  TSval  verdict             answer  state        SND.UNA  RCV.NXT  transitions          RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,rcv+1,rcv+1000  -        none   NOT_ACCEPTABLE_RST  -       ESTABLISHED  una      rcv      -                    3.10.7.4 first
  rcv                                            -        none   RST                 -       CLOSED       -        -        ESTABLISHED_RCV_RST  3.10.7.4 second [1]
# [1] RCV.WND is zero: special allowance for ACKs, URGs and RSTs (MUST-66)

# timestamps agreed on, 100 bytes of ours are on their way
given ESTABLISHED timestamps
seq rcv-100,rcv,rcv+1,end
ack -
tsval ts-far,ts-1,ts,ts+1,none
# SEG.SEQ      SEG.ACK  TSval  verdict             answer      state        SND.UNA  RCV.NXT  transitions          RFC 9293
  rcv-100,end  -        *      NOT_ACCEPTABLE_RST  -           ESTABLISHED  una      rcv      -                    3.10.7.4 first
  rcv          -        *      RST                 -           CLOSED       -        -        ESTABLISHED_RCV_RST  3.10.7.4 second
  rcv+1        -        *      RST_CHALLENGED      A(snd,rcv)  ESTABLISHED  una      rcv      -                    RFC 5961 3.2

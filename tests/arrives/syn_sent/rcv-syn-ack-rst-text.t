# Written by generate.py from model.py; README.md says how to read it.
segment SAR text 100

# our SYN is on its way
given SYN_SENT -
seq 0,1,2147483648,4294967295
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ  SEG.ACK                                             TSval  verdict               answer  state     SND.UNA  RCV.NXT  transitions       RFC 9293
  *        una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_SENT_BAD_ACK_RST  -       SYN_SENT  una      -        -                 3.10.7.3 first
  *        snd                                                 none   RST                   -       CLOSED    -        -        SYN_SENT_RCV_RST  3.10.7.3 second [1]
# [1] there is no RCV.NXT yet that the number could match: RFC 5961 3.2, last paragraph but two

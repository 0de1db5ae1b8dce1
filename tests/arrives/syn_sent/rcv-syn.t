# Written by generate.py from model.py; README.md says how to read it.
segment S text 0

# our SYN is on its way
given SYN_SENT -
seq 0,1,2147483648,4294967295
ack -
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict  answer         state         SND.UNA  RCV.NXT  transitions       RFC 9293
  *        -        none   GO_ON    SA(una,seq+1)  SYN_RECEIVED  una      seq+1    SYN_SENT_RCV_SYN  3.10.7.3 fourth

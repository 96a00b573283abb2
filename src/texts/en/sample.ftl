### What a search offers, at the beginning of a watch.

sample-head = This is what “{ $title }” offers now:

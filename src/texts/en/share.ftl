### Sharing a watch by a link.

share-button = 🔗 Share
share-link = Whoever opens this link can watch the same as “{ $title }”: its pages and its filter. Nothing about you is shown.
share-send = 📨 Send it…
share-stop = Stop sharing
share-stopped = The link works no longer
share-offer = Somebody shares a search with you: “{ $title }”
share-take = ✅ Watch this too
share-decline = No, thank you
share-own-elsewhere = This is your own search “{ $title }”. It tells another chat; you find it there with /watches.
share-gone = This search is shared no longer. You can make one of your own:

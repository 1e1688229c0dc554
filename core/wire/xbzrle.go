package wire

// XBZRLEEncoding is the only way in which the pages of XBZRLE records are
// written; the byte says so behind a record's head.
const XBZRLEEncoding = 1

package wire

// MaxCompressed is the largest that zlib makes of a page: how long the data of
// a compressed page may be.
const MaxCompressed = 4110

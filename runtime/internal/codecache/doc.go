// Package codecache keeps what starts made of a guest: compiled code, the rewritten module, and the image.
package codecache

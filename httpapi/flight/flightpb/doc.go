// Package flightpb has the messages and the service of Arrow Flight. Everything but this file is
// generated from flight.proto:
//
//	protoc --go_out=. --go_opt=paths=source_relative \
//	  --go-grpc_out=. --go-grpc_opt=paths=source_relative flight.proto
//	mv flight.pb.go flight_unsafe.pb.go
//
// with protoc-gen-go v1.36.12 and protoc-gen-go-grpc v1.6.2. The file is renamed because files that
// import unsafe are named for it.
package flightpb

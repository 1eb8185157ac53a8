{{- define "tabcell.env" -}}
{{- $root := .root -}}
{{- $v := $root.Values -}}
{{- $c := $v.cluster -}}
{{- if $c.enabled }}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
{{- if .worker }}
- {name: TABCELL_CLUSTER_ADVERTISE, value: "[$(POD_IP)]:9005"}
{{- else }}
- {name: TABCELL_CLUSTER_ADVERTISE, value: {{ printf "$(POD_NAME).%s-nodes.%s.svc:9005" (include "tabcell.name" $root) $root.Release.Namespace | quote }}}
{{- end }}
{{- end }}
{{- $env := dict
  "TABCELL_HOST" $v.listenAddress
  "TABCELL_PORT" 9004
  "TABCELL_CACHE_DIR" "/var/cache/tabcell/code"
  "TABCELL_MODELS_PATH" "/var/lib/tabcell/models"
  "TABCELL_CONCURRENCY" $v.limits.concurrency
  "TABCELL_MEMORY_LIMIT_MB" $v.limits.memoryLimitMB
  "TABCELL_MODELS_TEMPLATES_MB" $v.limits.modelsMB
  "TABCELL_BUFFER_MB" $v.limits.bufferMB
  "TABCELL_PASSWORD_MEMORY_MB" $v.limits.passwordMemoryMB
  "TABCELL_EVALUATE_TIMEOUT" $v.limits.evaluateTimeoutSeconds
  "TABCELL_GUEST" $v.limits.guest
  "TABCELL_METRICS" $v.metrics.enabled -}}
{{- if $v.endpoints.readOnly }}{{ $_ := set $env "TABCELL_DEFAULT_ROLES" "evaluate,query,metrics" }}{{ end -}}
{{- with $v.auth.passwordSecret }}{{ if .name }}{{ $_ := set $env "TABCELL_PWD_FILE" (printf "/etc/tabcell/passwords/%s" .key) }}{{ end }}{{ end -}}
{{- if $v.auth.roles }}{{ $_ := set $env "TABCELL_ROLES_FILE" "/etc/tabcell/config/roles" }}{{ end -}}
{{- if $v.tls.secretName }}
{{- $_ := set $env "TABCELL_TRANSFER_PROTOCOL" "https" }}
{{- $_ := set $env "TABCELL_CERTIFICATE_FILE" "/etc/tabcell/tls/tls.crt" }}
{{- $_ := set $env "TABCELL_KEY_FILE" "/etc/tabcell/tls/tls.key" }}
{{- end -}}
{{- if $v.flight.enabled }}
{{- $_ := set $env "TABCELL_ARROW_ENABLE" true }}
{{- $_ := set $env "TABCELL_ARROWFLIGHT_PORT" 13622 }}
{{- end -}}
{{- with $v.tls.clientCA }}{{ if .secretName }}
{{- $_ := set $env "TABCELL_CLIENT_CA_FILE" (printf "/etc/tabcell/client-ca/%s" .key) }}
{{- $_ := set $env "TABCELL_CLIENT_CERT" $v.tls.clientCert }}
{{- end }}{{ end -}}
{{- if $c.enabled }}
{{- $peers := list -}}
{{- range $i := until (int $c.voters) }}{{ $peers = append $peers (printf "%s-%d.%s-nodes.%s.svc:9005" (include "tabcell.name" $root) $i (include "tabcell.name" $root) $root.Release.Namespace) }}{{ end -}}
{{- $_ := set $env "TABCELL_CLUSTER_PATH" "/var/lib/tabcell/cluster" }}
{{- $_ := set $env "TABCELL_CLUSTER_LISTEN" ":9005" }}
{{- $_ := set $env "TABCELL_CLUSTER_VOTERS" $c.voters }}
{{- $_ := set $env "TABCELL_CLUSTER_JOIN" (join "," $peers) }}
{{- $_ := set $env "TABCELL_CLUSTER_TOKEN_FILE" (printf "/etc/tabcell/cluster/%s" (ternary $c.tokenSecret.workerKey $c.tokenSecret.key .worker)) }}
{{- end -}}
{{- with $v.trustedProxies }}{{ $_ := set $env "TABCELL_TRUSTED_PROXIES" . }}{{ end -}}
{{- with $v.allowedHosts }}{{ $_ := set $env "TABCELL_ALLOWED_HOSTS" . }}{{ end -}}
{{- range $name, $value := $env }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- with $v.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "tabcell.mounts" -}}
{{- $v := .root.Values -}}
- {name: data, mountPath: /var/lib/tabcell}
- {name: cache, mountPath: /var/cache/tabcell}
- {name: tmp, mountPath: /tmp}
- {name: config, mountPath: /etc/tabcell/config, readOnly: true}
{{- if $v.cluster.enabled }}
- {name: cluster-token, mountPath: /etc/tabcell/cluster, readOnly: true}
{{- end }}
{{- if $v.auth.passwordSecret.name }}
- {name: passwords, mountPath: /etc/tabcell/passwords, readOnly: true}
{{- end }}
{{- if $v.tls.secretName }}
- {name: tls, mountPath: /etc/tabcell/tls, readOnly: true}
{{- end }}
{{- if $v.tls.clientCA.secretName }}
- {name: client-ca, mountPath: /etc/tabcell/client-ca, readOnly: true}
{{- end }}
{{- with $v.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Files of secrets belong to root; the group of the pod can read them. */ -}}
{{- define "tabcell.volumes" -}}
{{- $v := .root.Values -}}
- {name: cache, emptyDir: {sizeLimit: {{ $v.cacheSize }}}}
- {name: tmp, emptyDir: {sizeLimit: 64Mi}}
- {name: config, configMap: {name: {{ include "tabcell.name" .root }}, defaultMode: 0440}}
{{- if $v.cluster.enabled }}
# The secret is made after the first node has started.
- {name: cluster-token, secret: {secretName: {{ $v.cluster.tokenSecret.name | default (printf "%s-cluster" (include "tabcell.name" .root)) }}, optional: true, defaultMode: 0440}}
{{- end }}
{{- if or .worker (not $v.persistence.enabled) }}
- {name: data, emptyDir: {}}
{{- else if $v.persistence.existingClaim }}
- {name: data, persistentVolumeClaim: {claimName: {{ $v.persistence.existingClaim }}}}
{{- end }}
{{- if $v.auth.passwordSecret.name }}
- {name: passwords, secret: {secretName: {{ $v.auth.passwordSecret.name }}, defaultMode: 0440}}
{{- end }}
{{- if $v.tls.secretName }}
- {name: tls, secret: {secretName: {{ $v.tls.secretName }}, defaultMode: 0440}}
{{- end }}
{{- if $v.tls.clientCA.secretName }}
- {name: client-ca, secret: {secretName: {{ $v.tls.clientCA.secretName }}, defaultMode: 0440}}
{{- end }}
{{- with $v.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

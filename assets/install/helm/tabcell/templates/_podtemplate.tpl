{{- /* The template of a pod: a node, or with worker, a node that only follows and keeps nothing. */ -}}
{{- define "tabcell.podTemplate" -}}
{{- $root := .root -}}
{{- $v := $root.Values -}}
metadata:
  labels:
    {{- include "tabcell.podLabels" (dict "root" $root "worker" .worker) | nindent 4 }}
    {{- with $v.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    {{- with $v.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: false
  # The variables of a service named tabcell would have the names of settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $v.terminationGracePeriodSeconds | default (add (ceil $v.limits.evaluateTimeoutSeconds) 20) }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with $v.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $v.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and $v.cluster.enabled (not $v.affinity) }}
  # The loss of one machine should cost no more than one voter.
  affinity:
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels: {{- include "tabcell.podSelector" (dict "root" $root "worker" .worker) | nindent 16 }}
  {{- end }}
  {{- if and $v.cluster.enabled $v.cluster.bootstrap (not .worker) }}
  # Makes the first pod the first node. It changes nothing if the pod has a node already.
  initContainers:
    - name: init
      image: {{ include "tabcell.image" $root | quote }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args: ["cluster", "init", "--only-on", "{{ include "tabcell.name" $root }}-0", "--config", "/etc/tabcell/config/tabcell.conf"]
      env: {{- include "tabcell.env" (dict "root" $root "worker" .worker) | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts: {{- include "tabcell.mounts" (dict "root" $root "worker" .worker) | nindent 8 }}
  {{- end }}
  containers:
    - name: tabcell
      image: {{ include "tabcell.image" $root | quote }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args: ["serve", "--config", "/etc/tabcell/config/tabcell.conf"]
      ports:
        - {name: http, containerPort: 9004}
        {{- if $v.flight.enabled }}
        - {name: flight, containerPort: 13622}
        {{- end }}
        {{- if $v.cluster.enabled }}
        - {name: cluster, containerPort: 9005}
        {{- end }}
      env: {{- include "tabcell.env" (dict "root" $root "worker" .worker) | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      {{- if .worker }}
      # A worker does not come back, so it leaves the cluster.
      lifecycle: {preStop: {exec: {command: ["/usr/bin/tabcell", "cluster", "leave", "--wait", "10s"]}}}
      {{- else if and $v.cluster.enabled (semverCompare ">=1.30.0-0" $root.Capabilities.KubeVersion.Version) }}
      # The service takes the pod out before the server stops to accept connections.
      lifecycle: {preStop: {sleep: {seconds: 5}}}
      {{- end }}
      # The server accepts requests at once, and is ready when the guests are compiled.
      startupProbe:
        {{- include "tabcell.probe" (dict "root" $root "check" "live") | nindent 8 }}
        periodSeconds: 2
        failureThreshold: 60
        timeoutSeconds: 5
      readinessProbe:
        {{- include "tabcell.probe" (dict "root" $root "check" "ready") | nindent 8 }}
        periodSeconds: 5
        timeoutSeconds: 5
      livenessProbe:
        {{- include "tabcell.probe" (dict "root" $root "check" "live") | nindent 8 }}
        periodSeconds: 15
        failureThreshold: 4
        timeoutSeconds: 10
      resources: {{- include "tabcell.resources" $root | nindent 8 }}
      volumeMounts: {{- include "tabcell.mounts" (dict "root" $root "worker" .worker) | nindent 8 }}
  volumes: {{- include "tabcell.volumes" (dict "root" $root "worker" .worker) | nindent 4 }}
{{- end }}

var s={state:"tabcell.playground",data:"tabcell.playground.data"},a="tabcell.account",l=2e6,p=300,i={kind:"SCRIPT_REAL",script:`# The body of a function: _arg1, _arg2, ... are lists.
return [x * 2 for x in _arg1]
`,functionName:"",data:`Region,Sales
West,120.5
East,98
North,143.25
South,87
`,format:"auto",separator:"auto",header:"auto",types:{},args:null};i.args=["Sales"];var n=class{constructor(e,r){this.read=e,this.onKept=r,this.isKept=!0,this.timer=null}later(){clearTimeout(this.timer),this.timer=setTimeout(()=>this.now(),p)}stop(){clearTimeout(this.timer),this.isStopped=!0}now(){if(clearTimeout(this.timer),this.isStopped)return;let{data:e,...r}=this.read(),u=o(s.state,JSON.stringify(r)),c=o(s.data,e);(u&&c)!==this.isKept&&(this.isKept=!this.isKept,this.onKept(this.isKept))}};function o(t,e){if(e.length>l)return!1;try{return sessionStorage.setItem(t,e),!0}catch{return!1}}function f(t){try{let e=sessionStorage.getItem(a);if(sessionStorage.setItem(a,t),e===null||e===t)return!1}catch{return!1}return h(),!0}function h(){try{for(let t of Object.values(s))sessionStorage.removeItem(t)}catch{}}function g(){try{let t=JSON.parse(sessionStorage.getItem(s.state)??"null");return t&&typeof t.script=="string"?{...i,...t,data:sessionStorage.getItem(s.data)??""}:null}catch{return null}}export{i as a,n as b,f as c,h as d,g as e};

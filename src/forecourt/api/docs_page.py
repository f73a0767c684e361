"""``/api/v1/docs``: the API explained and tried out in one page that loads nothing from elsewhere."""

from __future__ import annotations

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Forecourt API</title><style>
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:62rem;margin:0 auto;padding:1.5rem}
summary{cursor:pointer;padding:.35rem 0}code,pre,textarea,input{font:13px/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.7rem;border:1px solid #8885;border-radius:6px;max-height:24rem}
textarea{width:100%;min-height:6rem;box-sizing:border-box}input{width:20rem;max-width:100%}
details details,.body{margin-left:1rem}.m{display:inline-block;width:4.2rem;font-weight:700}
h2{margin-top:2rem;border-bottom:1px solid #8885}label{display:block;margin:.3rem 0}small{opacity:.75}
</style></head><body><h1>Forecourt API</h1>
<p>The document: <a href="openapi.json">openapi.json</a>.
API key for trying out: <input id="key" type="password" placeholder="fck_…" autocomplete="off" aria-label="API key">
<small>or sign in below; the cookie is then used.</small></p>
<div id="about"></div><div id="list">Loading…</div><script>
const el=(tag,props={},...kids)=>{const e=Object.assign(document.createElement(tag),props);e.append(...kids);return e};
const csrf=()=>(document.cookie.match(/forecourt_csrf=([^;]+)/)||[])[1];
fetch("openapi.json").then(r=>r.json()).then(doc=>{
 const find=r=>r.split("/").slice(1).reduce((o,k)=>o[k],doc);
 const solve=(s,d=0)=>{if(!s||d>6)return null;if(s.$ref)return solve(find(s.$ref),d+1);if(s.examples)return s.examples[0];
  if("const" in s)return s.const;if(s.enum)return s.enum[0];if("default" in s)return s.default;
  for(const k of["anyOf","oneOf","allOf"])if(s[k])return solve(s[k][0],d+1);
  if(s.type==="object")return Object.fromEntries(Object.entries(s.properties||{}).map(([k,v])=>[k,solve(v,d+1)]));
  if(s.type==="array")return[];if(s.type==="integer"||s.type==="number")return 0;if(s.type==="boolean")return false;return"";};
 document.getElementById("about").append(el("pre",{textContent:doc.info.description.trim(),style:"white-space:pre-wrap"}));
 const list=document.getElementById("list");list.textContent="";const groups={};
 for(const[path,ops]of Object.entries(doc.paths))for(const[method,op]of Object.entries(ops))
  (groups[(op.tags||["Other"])[0]]??=[]).push([method,path,op]);
 for(const[tag,ops]of Object.entries(groups)){list.append(el("h2",{textContent:tag}));
  for(const[method,path,op]of ops){const d=el("details"),fields={};
   d.append(el("summary",{},el("span",{className:"m",textContent:method.toUpperCase()}),el("code",{textContent:path}),
    " "+(op.summary||"")));
   d.addEventListener("toggle",()=>{if(d.built)return;d.built=true;const b=el("div",{className:"body"});
    b.append(el("p",{textContent:op.description||"",style:"white-space:pre-wrap"}));
    for(let p of op.parameters||[]){if(p.$ref)p=find(p.$ref);if(p.in==="cookie")continue;
     const i=el("input",{placeholder:p.required?"required":""});fields[p.in+":"+p.name]=i;
     b.append(el("label",{},el("code",{textContent:p.name})," ",i," ",el("small",{textContent:p.description||""})));}
    let area;const c=op.requestBody?.content?.["application/json"];
    if(c){area=el("textarea",{value:JSON.stringify(solve(c.schema),null,1)});b.append(el("label",{},"Body",area));}
    const out=el("pre",{hidden:true}),go=el("button",{textContent:"Send"});
    go.onclick=async()=>{let url=path.replace(/\\{(\\w+)\\}/g,(_,n)=>encodeURIComponent(fields["path:"+n]?.value||""));
     const q=new URLSearchParams,h={};const key=document.getElementById("key").value;
     for(const[k,i]of Object.entries(fields)){if(!i.value)continue;const[w,n]=k.split(/:(.*)/);
      if(w==="query")q.append(n,i.value);if(w==="header")h[n]=i.value;}
     if(key)h.Authorization="Bearer "+key;else if(csrf())h["X-CSRF-Token"]=csrf();
     if(area)h["Content-Type"]="application/json";if(String(q))url+="?"+q;out.hidden=false;out.textContent="…";
     try{const r=await fetch(url,{method:method.toUpperCase(),headers:h,body:area?.value});
      if((r.headers.get("content-type")||"").includes("event-stream")){out.textContent="";
       const rd=r.body.pipeThrough(new TextDecoderStream).getReader();
       for(;;){const{value,done}=await rd.read();if(done)break;out.textContent+=value;}return;}
      const t=await r.text();let s=t;try{s=JSON.stringify(JSON.parse(t),null,1)}catch{}
      out.textContent=r.status+" "+r.statusText+"\\n"+s;}catch(e){out.textContent=String(e)}};
    b.append(el("p",{},go),out);const ok=Object.entries(op.responses).find(([s])=>s<"300");
    const schema=ok&&Object.values(ok[1].content||{})[0]?.schema;
    if(schema)b.append(el("details",{},el("summary",{textContent:"Answer "+ok[0]}),
     el("pre",{textContent:JSON.stringify(solve(schema),null,1)})));
    d.append(b);});list.append(d);}}
});
</script></body></html>"""


def docs_page() -> str:
    """The page."""
    return _PAGE

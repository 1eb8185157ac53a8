@echo off
rem Installs tabcell as a Windows service, or updates the installed one: copies the program, which is
rem beside this script or in the folder above, to %ProgramFiles%\tabcell, where only administrators can
rem change it, installs the service and starts it. Arguments are those of "tabcell service install", such as --config FILE.
rem Run it as an administrator.
setlocal
set "from=%~dp0"
if not exist "%from%tabcell.exe" set "from=%~dp0..\"
set "to=%ProgramFiles%\tabcell"
net session >nul 2>&1
if errorlevel 1 (
    echo Run this script as an administrator. 1>&2
    exit /b 1
)
rem A program that runs cannot be replaced. Without the service, the command fails, which is no error.
if exist "%to%\tabcell.exe" "%to%\tabcell.exe" service stop >nul 2>&1
if not exist "%to%" mkdir "%to%" || exit /b 1
copy /y "%from%tabcell.exe" "%to%\tabcell.exe" >nul || exit /b 1
rem Compiled code belongs to one program. That of an older one would be refused.
if exist "%to%\tabcell-code" rmdir /s /q "%to%\tabcell-code"
if exist "%from%tabcell-code" (
    xcopy /e /i /q /y "%from%tabcell-code" "%to%\tabcell-code" >nul || exit /b 1
)
"%to%\tabcell.exe" service install %* || exit /b 1
"%to%\tabcell.exe" service start || exit /b 1
echo Tableau connects to localhost, port 9004. The configuration is in %ProgramData%\tabcell.
